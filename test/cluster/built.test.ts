import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Build, built, moduleVersion } from './built.ts'

let folder: string
let cache: string | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'built-'))
  cache = process.env.XDG_CACHE_HOME
  process.env.XDG_CACHE_HOME = folder
  await writeFile(join(folder, 'source'), 'one')
})
afterAll(async () => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
  else process.env.XDG_CACHE_HOME = cache
  await rm(folder, { recursive: true })
})

let builds = 0
const given = (changes: Partial<Build> = {}): Build => ({
  name: 'thing v1',
  takes: 'a moment',
  sources: [join(folder, 'source')],
  options: ['-s'],
  build: async (to) => writeFile(join(to, 'program'), `build ${++builds}`),
  ...changes,
})
const program = async (o: Build) => readFile(join(await built(o, () => {}), 'program'), 'utf8')

test('what is there is not built again, by whoever asks; other sources or options make another', async () => {
  const said: string[] = []
  const first = await built(given(), (line) => said.push(line))
  expect(said).toEqual(['building thing v1 (once, a moment) …', expect.stringMatching(/^built thing v1 {2}\d/)])
  expect(first).toStartWith(join(folder, 'agentjob', 'bin', 'thing-v1-'))
  expect(await Promise.all([program(given()), program(given())])).toEqual(['build 1', 'build 1'])
  expect(await program(given({ options: ['-w'] }))).toBe('build 2')
  await writeFile(join(folder, 'source'), 'two')
  expect(await program(given())).toBe('build 3')
})

test('a build that fails leaves nothing that is taken for one', async () => {
  const options = 'fails'
  const build = async (to: string) => {
    await writeFile(join(to, 'half'), '')
    throw new Error('out of luck')
  }
  await expect(built(given({ options, build }), () => {})).rejects.toThrow('out of luck')
  const folderOfIt = await built(given({ options }), () => {})
  expect(existsSync(join(folderOfIt, 'half'))).toBe(false)
  expect(existsSync(join(folderOfIt, 'program'))).toBe(true)
})

test('the version of a module is the one that go.mod requires', async () => {
  const gomod = join(folder, 'go.mod')
  await writeFile(
    gomod,
    'module x\n\ntool a.io/b/cmd/c\n\nrequire a.io/c v0.1.0\n\nrequire (\n\ta.io/b v1.2.3 // indirect\n)\n',
  )
  expect([await moduleVersion(gomod, 'a.io/b'), await moduleVersion(gomod, 'a.io/c')]).toEqual(['v1.2.3', 'v0.1.0'])
  await expect(moduleVersion(gomod, 'a.io')).rejects.toThrow('a line that requires a.io is missing')
})
