import { afterEach, beforeEach, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { AgentRuntimeSpec } from '../../src/api/agentruntime.ts'
import { agentJob } from '../../src/expand/fixtures.ts'
import { precheckBlock, precheckFolder, withPrecheck } from '../../src/expand/precheck.ts'
import { type Container, expanded, makeContainer } from './container.ts'
import { NASTY } from './tasks.ts'

/* The shell that asks whether there is anything to do, run by a shell. */

let container: Container
beforeEach(async () => {
  container = await makeContainer()
})
afterEach(() => container.remove())

const runtime = () =>
  AgentRuntimeSpec.parse({
    image: 'x',
    configPath: container.paths.files,
    workspaceDir: container.paths.workspaceDir,
  })

/** Starts a precheck as a kubelet does; `words` are what there is to run, `stop` passes it a signal once it has printed. */
async function ask(words: string[], { stop = false, twice = false } = {}) {
  await mkdir(precheckFolder(runtime()), { recursive: twice })
  await chmod(precheckFolder(runtime()), 0o777)
  const agent = { name: 'agent', image: 'x', volumeMounts: [] }
  const plain = { metadata: { labels: {}, annotations: {} }, spec: { containers: [agent], volumes: [] } }
  const { spec } = withPrecheck(plain, agentJob({ precheck: { command: words } }), runtime())
  const [{ command, args }] = spec.initContainers as [{ command: string[]; args: string[] }]
  const env = { PATH: process.env.PATH ?? '', NASTY }
  const [file, ...rest] = [...command, ...args].map((word) => expanded(word, env)) as [string, ...string[]]
  const process_ = spawn(file, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = { stdout: '', stderr: '' }
  process_.stdout.on('data', (text) => {
    log.stdout += text
    if (stop) process_.kill('SIGTERM')
  })
  process_.stderr.on('data', (text) => {
    log.stderr += text
  })
  const code = await new Promise((resolve) => process_.on('close', resolve))
  const output = await readFile(precheckBlock(runtime()).path, 'utf8')
  return { code, ...log, output, left: await readdir(precheckFolder(runtime())) }
}

test('what it prints is in its log and in a file, its complaints in its log alone', async () => {
  const asked = await ask(['sh', '-c', 'pwd; printf %s "$NASTY"; echo hm >&2'])
  const said = `${container.paths.workspaceDir}\n${NASTY}`
  expect(asked).toEqual({ code: 0, stdout: said, stderr: 'hm\n', output: said, left: ['output.txt'] })
})

test.each([1, 3, 255])('its exit code %d is that of its command', async (code) => {
  expect(await ask(['sh', '-c', `echo over; exit ${code}`])).toMatchObject({ code, output: 'over\n' })
})

test('a command that is not there is no answer', async () => {
  const { code, stderr } = await ask(['no-such-command'])
  expect(code).toBe(127)
  expect(stderr).toContain('no-such-command')
})

test('its words are taken as they are, with the variables that Kubernetes fills in', async () => {
  const { output } = await ask(['printf', '%s|', '$(NASTY)', '$(date now)', '$$(NASTY)', '; exit 1'])
  expect(output).toBe(`${NASTY}|$(date now)|$(NASTY)|; exit 1|`)
})

test('a signal is passed on, and is no answer', async () => {
  const { code, stdout } = await ask(
    ['sh', '-c', "trap 'echo bye; exit 1' TERM; echo hello; while :; do sleep 0.1; done"],
    { stop: true },
  )
  expect([code, stdout]).toEqual([143, 'hello\nbye\n'])
})

test('asked again in the same pod, it answers anew', async () => {
  await ask(['sh', '-c', 'echo a long answer'])
  expect(await ask(['echo', 'no'], { twice: true })).toMatchObject({ code: 0, output: 'no\n' })
})

test('nothing asked of it waits for its stdin', async () => {
  expect(await ask(['cat'])).toMatchObject({ code: 0, output: '' })
})
