import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Start } from '../../src/dialects/task.ts'
import { type Container, makeContainer, namesIn, runTask } from './container.ts'
import { everything, NASTY } from './tasks.ts'

/* The shell that starts a program, run by a shell. The program prints what it was started with. */

const PROGRAM =
  'console.log(JSON.stringify([process.cwd(), process.argv.slice(1), fs.readFileSync(0, "utf8"), process.env]))'

let container: Container
beforeEach(async () => {
  container = await makeContainer()
})
afterEach(() => container.remove())

async function run(start: Partial<Start>, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const { paths } = container
  const dialect: Dialect = {
    name: 'custom',
    render: () => ({
      start: { program: 'nothing', args: [], ...start },
      env: [{ name: 'NASTY', value: NASTY }],
      files: Object.entries(files).map(([name, text]) => ({ path: join(paths.files, name), text })),
      errors: [],
      warnings: [],
    }),
    readOutput: () => undefined,
  }
  const command = ['node', '-e', PROGRAM, '--']
  const ended = await runTask(dialect, everything(paths, ''), { command }, env)
  const [cwd, args, stdin, variables] = ended.code === 0 ? JSON.parse(ended.stdout) : []
  return { ...ended, cwd, args, stdin, variables }
}

test('starts in the workspace, with its arguments as they are, and nothing on stdin', async () => {
  const args = [NASTY, '', '--', '$(HOME)', '$$', 'a b']
  const { cwd, args: got, stdin, variables, stderr } = await run({ args })
  expect(stderr).toBe('')
  expect([cwd, got, stdin]).toEqual([container.paths.workspaceDir, args, ''])
  expect(variables.NASTY).toBe(NASTY)
})

test('gives a file on stdin', async () => {
  const { stdin } = await run({ stdin: join(container.paths.files, 'prompt.md') }, {}, { 'prompt.md': NASTY })
  expect(stdin).toBe(NASTY)
})

test('copies files to where they can be written, again and again', async () => {
  const from = join(container.paths.files, 'a.toml')
  const to = join(container.paths.home, '.x y', 'b', 'a.toml')
  for (const text of [NASTY, 'once more']) {
    const { code, stderr } = await run({ copies: [{ from, to }] }, {}, { 'a.toml': text })
    expect([code, stderr]).toEqual([0, ''])
    expect(await readFile(to, 'utf8')).toBe(text)
  }
})

test('escapes variables for the text of a JSON file', async () => {
  const secrets = { A: `${NASTY}\n`, B: 'plain', C: '{env:HOME}"\\n' }
  const { variables, stderr } = await run({ escaped: ['A', 'B', 'C', 'NOT_THERE'] }, secrets)
  expect(stderr).toBe('')
  const read = (value: string) => JSON.parse(`"${value}"`)
  expect(read(variables.A)).toBe(NASTY.replace(/[\n\t]/g, ''))
  expect([read(variables.B), read(variables.C), variables.NOT_THERE]).toEqual(['plain', secrets.C, ''])
  for (const name of ['A', 'B', 'C']) expect(variables[name]).not.toContain('{')
})

test('leaves no variable out that has to be there', async () => {
  const { variables, stderr } = await run({ present: ['A', 'NOT_THERE'] }, { A: `${NASTY}\n` })
  expect(stderr).toBe('')
  expect([variables.A, variables.NOT_THERE]).toEqual([`${NASTY}\n`, ''])
})

test('ends where a file is missing', async () => {
  const { code, stderr } = await run({ stdin: join(container.paths.files, 'missing.md') })
  expect(code).not.toBe(0)
  expect(stderr).toContain('missing.md')
})

test('a folder is copied whole, in the place of what was there', async () => {
  const { home, files } = container.paths
  await mkdir(join(files, 'skill', 'scripts'), { recursive: true })
  await writeFile(join(files, 'skill', 'SKILL.md'), NASTY)
  await writeFile(join(files, 'skill', 'scripts', 'run.sh'), '#!/bin/sh', { mode: 0o755 })
  const to = join(home, '.agents', 'skills', 'review')
  for (const _ of ['once', 'again']) {
    const { code, stderr } = await run({ folders: [{ from: join(files, 'skill'), to }] })
    expect([code, stderr]).toEqual([0, ''])
    await writeFile(join(to, 'left-over'), '')
  }
  await run({ folders: [{ from: join(files, 'skill'), to }] })
  expect(await namesIn(to)).toEqual(['.agentjob', 'SKILL.md', 'scripts'])
  expect(await readFile(join(to, 'SKILL.md'), 'utf8')).toBe(NASTY)
  expect((await stat(join(to, 'scripts', 'run.sh'))).mode & 0o111).toBe(0o111)
})

test('folders of earlier starts are taken away, and no others', async () => {
  const { home, files } = container.paths
  const skills = join(home, 'skills')
  await mkdir(join(files, 'skill'))
  await run({ folders: [{ from: join(files, 'skill'), to: join(skills, 'ours') }] })
  await mkdir(join(skills, 'mine'))
  const { code, stderr } = await run({ cleared: skills })
  expect([code, stderr]).toEqual([0, ''])
  expect(await namesIn(skills)).toEqual(['mine'])
  expect((await run({ cleared: join(home, 'nothing') })).code).toBe(0)
})

const AGAIN = ['again', NASTY, '--', '$(HOME)']
for (const [what, files, isResumed] of [
  ['no folder', {}, false],
  ['other files', { 'a/b.txt': '"user"' }, false],
  ['a session without its prompt', { 'a/1.jsonl': '"system"' }, false],
  ['a session', { 'a/1.jsonl': '"system"', 'b/2.jsonl': '{"type":"user"}' }, true],
] as const)
  test(`goes on with a session where there is one: ${what}`, async () => {
    const { paths } = container
    const folder = join(paths.home, 'sessions $(id) "of" agents')
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, dirname(name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    const session = { files: '*/*.jsonl', holds: '"user"' }
    const resumed = { folder, session, args: AGAIN, stdin: join(paths.files, 'continue.md') }
    const start = { args: ['first', '', NASTY], stdin: join(paths.files, 'prompt.md'), resumed }
    const got = await run(start, {}, { 'prompt.md': 'prompt', 'continue.md': 'go on' })
    expect(got.stderr).toBe('')
    expect([got.args, got.stdin]).toEqual(isResumed ? [AGAIN, 'go on'] : [start.args, 'prompt'])
    expect(got.cwd).toBe(paths.workspaceDir)
  })

test('puts a file behind what is on stdin, in a tag that it cannot close', async () => {
  const { files, tmp } = container.paths
  const [stdin, from, to] = [join(files, 'prompt.md'), join(files, 'output.txt'), join(tmp, 'prompt.md')]
  const tag = '<context type="Precheck" path="/a $(b)"'
  const put = (text: string) =>
    run({ stdin, appended: { from, to, tag } }, {}, { 'prompt.md': 'Mend these.', 'output.txt': text })
  const got = await put('#12 & \\1 %s\n</context>\n$(date) <b>')
  expect(got.stderr).toBe('')
  expect(got.stdin).toBe(`Mend these.\n\n${tag}>\n#12 & \\1 %s\n&lt;/context>\n$(date) &lt;b>\n</context>\n`)
  expect((await put('')).stdin).toBe('Mend these.')
  expect((await put('x'.repeat(65536))).stdin).toContain('xxx')
  expect((await put('x'.repeat(65537))).stdin).toBe(`Mend these.\n\n${tag}/>\n`)
})
