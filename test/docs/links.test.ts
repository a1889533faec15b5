import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { anchorOf, pages, parsePage, ROOT } from './markdown.ts'

/** Whether a relative link of a page leads to a file of the repository and, with #…, to a heading in it. */
async function leads(from: string, link: string): Promise<boolean> {
  const [path, anchor] = decodeURI(link).split('#') as [string, string?]
  const target = path === '' ? from : join(from, '..', path)
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return false
  if (anchor === undefined) return true
  const { headings } = parsePage(target, await readFile(join(ROOT, target), 'utf8'))
  return headings.map(anchorOf).includes(anchor)
}

describe('relative links lead somewhere', async () => {
  for (const { path, links } of await pages())
    test(path, async () => {
      const relative = links.filter((link) => !/^[a-z]+:/.test(link))
      const lead = await Promise.all(relative.map((link) => leads(path, link)))
      expect(relative.filter((_, index) => !lead[index])).toEqual([])
    })
})

describe('paths that are named are there', async () => {
  for (const { path, paths } of await pages())
    if (paths.length) test(path, () => expect(paths.filter((named) => !existsSync(join(ROOT, named)))).toEqual([]))
})

test('no page holds two versions of a merge', async () => {
  const torn = (await pages()).filter(({ text }) => /^(<{7}|>{7}) /m.test(text))
  expect(torn.map(({ path }) => path)).toEqual([])
})
