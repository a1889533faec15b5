import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { anchorOf, filesBelow, pages, ROOT } from './markdown.ts'

/*
 * The headings of the troubleshooting page are what users see and search for. Those in `code` are our own words, with …
 * for what varies; the others are Kubernetes'.
 */

const PAGE = 'docs/troubleshooting.md'

/** The text of all the code in some folders, tests apart; of the chart, its templates. */
async function codeIn(...folders: string[]): Promise<string> {
  const paths = (await Promise.all(folders.map((folder) => filesBelow(join(ROOT, folder))))).flat()
  const code = paths.filter((path) => /\.(ts|tpl)$|^charts.*\.yaml$/.test(path) && !path.endsWith('.test.ts'))
  return (await Promise.all(code.map((path) => readFile(join(ROOT, path), 'utf8')))).join('\n')
}

const sources = await codeIn('src', 'webhook', 'certs', 'charts/agentjob/templates')
const page = (await pages()).find(({ path }) => path === PAGE)
const spans = (page?.headings ?? []).flatMap((heading) =>
  [...heading.matchAll(/`([^`]+)`/g)].map(([, span]) => span as string),
)

/** The pieces of a text that do not vary. One that is a single word must stand in quotes somewhere, being a reason. */
const piecesOf = (span: string) => span.split('…').filter((piece) => piece.trim().length > 3)

const stands = (piece: string) =>
  /^\w+$/.test(piece) ? new RegExp(`['"\`]${piece}['"\`]`).test(sources) : sources.includes(piece)

describe('what the troubleshooting page quotes is said somewhere', () => {
  test('there are quotations', () => expect(spans.length).toBeGreaterThan(30))
  test.each(spans)('%s', (span) => {
    expect(piecesOf(span)).not.toEqual([])
    expect(piecesOf(span).filter((piece) => !stands(piece))).toEqual([])
  })
})

test('the table at its head leads to every part, in their order', () => {
  const parts = [...(page?.text ?? '').matchAll(/^## (.+)$/gm)].map(([, heading = '']) => `#${anchorOf(heading)}`)
  expect(parts).not.toEqual([])
  expect((page?.links ?? []).slice(0, parts.length)).toEqual(parts)
})

test('every reason that a status can give has a place on the page', async () => {
  const code = await codeIn('src/status', 'src/controller', 'src/expand')
  const found = [...code.matchAll(/\breason: '([A-Z]\w+)'/g)].map(([, reason]) => reason as string)
  const reasons = [...new Set(found)]
  expect(reasons).toContain('NameConflict')
  expect(reasons.filter((reason) => !page?.text.includes(reason))).toEqual([])
})
