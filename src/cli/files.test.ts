import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { readSources } from './files.ts'

const exec = promisify(execFile)
let directory = ''
let odd = ''
beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'agentjob-files-')), 'plain')
  odd = join(directory, '..', 'odd')
  await mkdir(directory)
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
  await mkdir(odd)
  await symlink('loop.yaml', join(odd, 'loop.yaml'))
  await symlink('.', join(odd, 'self'))
  await symlink('nowhere', join(odd, 'nowhere.yaml'))
  await symlink('/dev/zero', join(odd, 'zero.yaml'))
  await mkdir(join(odd, 'directory.yaml'))
  await exec('mkfifo', [join(odd, 'pipe.yaml')])
  await writeFile(join(directory, 'bare', 'huge'), new Uint8Array(8 * 1024 * 1024 + 1))
})
afterAll(() => rm(join(directory, '..'), { recursive: true }))

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
  { name: 'a huge file', given: ['bare/huge'], want: [], errors: ['is larger than 8 MB'] },
  {
    name: 'links to nothing, to themselves and to endless devices; pipes are left out',
    given: ['../odd'],
    recursive: true,
    want: [],
    errors: ['is a link that leads back to itself', 'is a link to a file that does not exist', 'is larger than 8 MB'],
  },
  { name: 'a link to itself', given: ['../odd/loop.yaml'], want: [], errors: ['is a link that leads back to itself'] },
  { name: 'what lies below a file', given: ['b.yaml/x'], want: [], errors: ['does not exist'] },
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

test('where there is no -R, nobody is told of it', async () => {
  const file = join(directory, 'bare')
  expect((await readSources([file])).errors).toEqual([{ file, message: 'has no .yaml, .yml or .json file' }])
})

test('a byte order mark is no part of the text', async () => {
  const { sources } = await readSources([join(directory, 'bom.yaml')], { recursive: false })
  expect(sources[0]?.text).toBe('x')
})

test('a pipe that is named is read to its end, however late that is', async () => {
  const pipe = join(odd, 'pipe.yaml')
  const reading = readSources([pipe], { recursive: false })
  await exec('sh', ['-c', `sleep 0.2; { printf a; sleep 0.2; printf b; } > '${pipe}'`])
  expect((await reading).sources).toEqual([{ file: pipe, text: 'ab' }])
})

// root may read everything
test.skipIf(process.getuid?.() === 0)('what may not be read is told by its name', async () => {
  const file = join(directory, 'bare', 'secret')
  await writeFile(file, 'a', { mode: 0 })
  expect((await readSources([file], { recursive: false })).errors).toEqual([
    { file, message: 'may not be read by you' },
  ])
})
