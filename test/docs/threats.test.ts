import { expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesBelow, ROOT } from './markdown.ts'

/*
 * The table of threats names tests by their files and by words of their titles.
 */

const page = await readFile(join(ROOT, 'docs', 'security.md'), 'utf8')
const [, table = ''] = page.split('\n## Threats, defences, tests\n')
const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'))

/** The tests of a row: a file, and words out of the titles in it. */
const named = (row: string) =>
  [...row.matchAll(/`([\w/]+\.test\.ts)`((?:(?:: |, )\*[^*]+\*)*)/g)].map(([, file = '', words = '']) => ({
    file,
    words: [...words.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => title),
  }))

test('there are threats', () => expect(rows.length).toBeGreaterThan(25))

for (const row of rows)
  test(`its tests are there: ${row.split('|')[1]?.trim()}`, async () => {
    for (const { file, words } of named(row)) {
      const text = await readFile(join(ROOT, file), 'utf8')
      expect(words.length).toBeGreaterThan(0)
      expect(words.filter((title) => !text.includes(title))).toEqual([])
    }
  })

test('every file of attacks stands in the table', async () => {
  const files = (await filesBelow(join(ROOT, 'test', 'attacks'))).filter((file) => file.endsWith('.test.ts'))
  const told = rows.flatMap(named).map(({ file }) => file)
  expect(files.filter((file) => !told.includes(file))).toEqual([])
})
