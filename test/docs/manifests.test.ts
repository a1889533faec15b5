import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { formatFinding } from '../../src/api/finding.ts'
import { API_VERSION } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { unknownFields } from '../../src/api/unknownfields.ts'
import { validate } from '../../src/api/validate.ts'
import { filesBelow, type Page, pages, ROOT } from './markdown.ts'

type Manifest = Record<string, unknown> & { apiVersion?: unknown; kind?: unknown }

/** The objects of our group in a text. */
const manifestsIn = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document): Manifest | null => document.toJS())
    .filter((object): object is Manifest => object?.apiVersion === API_VERSION)

/** Those in the fenced yaml blocks of a page. */
const manifestsOf = ({ blocks }: Page): Manifest[] =>
  blocks.filter(({ language }) => language === 'yaml').flatMap(({ text }) => manifestsIn(text))

function errorsOf(object: Manifest): string[] {
  const definition = kindOf(String(object.kind))
  if (!definition) return [`there is no kind ${object.kind}`]
  return [...validate(definition, object).errors, ...unknownFields(definition, object)].map(formatFinding)
}

describe('manifests in the pages are valid', async () => {
  const found = (await pages()).map((page) => ({ path: page.path, manifests: manifestsOf(page) }))
  test('there are some', () => expect(found.flatMap(({ manifests }) => manifests).length).toBeGreaterThan(10))
  for (const { path, manifests } of found)
    if (manifests.length)
      test(path, () => {
        expect(manifests.flatMap(errorsOf)).toEqual([])
      })
})

describe('examples are valid', async () => {
  // what is a part of manifests is rendered first, in test/batch
  const paths = (await filesBelow(join(ROOT, 'examples'))).filter((path) => /^(?!examples\/batch).*\.yaml$/.test(path))
  test('there are some', () => expect(paths.length).toBeGreaterThan(5))
  for (const path of paths)
    test(path, async () => {
      expect(manifestsIn(await readFile(join(ROOT, path), 'utf8')).flatMap(errorsOf)).toEqual([])
    })
})
