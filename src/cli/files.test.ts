import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { readSources } from './files.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentjob-files-'))
  await mkdir(join(directory, 'deep'))
  await mkdir(join(directory, 'bare'))
  const files = {
    'b.yaml': 'b',
    'a.yml': 'a',
    'c.json': '{}',
    'note.md': 'note',
    'deep/d.yaml': 'd',
    'bom.yaml': '\ufeffx',
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text)
  await writeFile(join(directory, 'bare', 'nul.bin'), 'a\0b')
  await writeFile(join(directory, 'bare', 'latin1.txt'), new Uint8Array([0x67, 0xfc, 0x6e]))
  await symlink(join(directory, 'b.yaml'), join(directory, 'link.yaml'))
})
afterAll(() => rm(directory, { recursive: true }))

const cases: { name: string; given: string[]; recursive?: boolean; want: string[]; errors?: string[] }[] = [
  {
    name: 'a directory, by name, links to the same file once',
    given: ['.'],
    want: ['a.yml', 'b.yaml', 'bom.yaml', 'c.json'],
  },
  { name: 'with -R', given: ['.'], recursive: true, want: ['a.yml', 'b.yaml', 'bom.yaml', 'c.json', 'deep/d.yaml'] },
  { name: 'a file of another name', given: ['note.md'], want: ['note.md'] },
  { name: 'the same file twice', given: ['b.yaml', '.', 'b.yaml'], want: ['b.yaml', 'a.yml', 'bom.yaml', 'c.json'] },
  { name: 'a typo', given: ['b.yml'], want: [], errors: ['does not exist; did you mean'] },
  { name: 'nothing like it', given: ['elsewhere/entirely'], want: [], errors: ['does not exist'] },
  {
    name: 'a directory without manifests',
    given: ['bare', 'b.yaml'],
    want: ['b.yaml'],
    errors: ['has no .yaml, .yml or .json file; -R'],
  },
  { name: 'a binary', given: ['bare/nul.bin'], want: [], errors: ['is no text'] },
  { name: 'no UTF-8', given: ['bare/latin1.txt'], want: [], errors: ['is no text'] },
]
test.each(cases)('$name', async ({ given, recursive = false, want, errors: expected = [] }) => {
  const { sources, errors } = await readSources(
    given.map((path) => join(directory, path)),
    { recursive },
  )
  expect(sources.map(({ file }) => relative(directory, file))).toEqual(want)
  expect(errors).toMatchObject(expected.map((message) => ({ message: expect.stringContaining(message) })))
})

test('a byte order mark is no part of the text', async () => {
  const { sources } = await readSources([join(directory, 'bom.yaml')], { recursive: false })
  expect(sources[0]?.text).toBe('x')
})
