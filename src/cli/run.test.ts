import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { run } from './testing/run.ts'

/* `agentjob run` as far as it goes without a cluster; the rest is in test/e2e/run.test.ts. */

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-run-'))
  await writeFile(join(folder, 'prompt.md'), '# Say hello\n')
})
afterAll(() => rm(folder, { recursive: true }))

const dryRun = (args: string[], o: { stdin?: string } = {}) =>
  run(['run', '--runtime', 'echo', '--dry-run=client', ...args], { cwd: folder, ...o })

const HELLO = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { generateName: 'echo-' },
  spec: { runtimeRef: 'echo', prompt: 'Say hello.' },
}

test('--dry-run=client prints a manifest, without a cluster', async () => {
  const { stdout, stderr, exitCode } = await dryRun(['Say hello.'])
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  expect(parse(stdout)).toEqual(HELLO)
  expect(JSON.parse((await dryRun(['-o', 'json', 'Say hello.'])).stdout)).toEqual(HELLO)
})

test('an option that may be repeated takes nothing of the prompt', async () => {
  const { stdout } = await dryRun(['--repo', 'one', '--repo', 'two', 'Say hello.'])
  expect(parse(stdout).spec).toEqual({ ...HELLO.spec, repositoryRefs: ['one', 'two'] })
})

test('the prompt is in a file, or comes by a pipe', async () => {
  expect(parse((await dryRun(['-f', 'prompt.md'])).stdout).spec.prompt).toBe('# Say hello\n')
  expect(parse((await dryRun(['-f', '-'], { stdin: 'a\nb' })).stdout).spec.prompt).toBe('a\nb')
})

const bad: { name: string; args: string[]; want: string; exitCode: number }[] = [
  { name: 'no prompt', args: [], want: 'the prompt is wanted, as an argument or with -f', exitCode: 2 },
  { name: 'two prompts', args: ['-f', '-', 'Say hello.'], want: 'and not both', exitCode: 2 },
  { name: 'a prompt without quotes', args: ['Say', 'hello.'], want: 'too many arguments', exitCode: 2 },
  { name: 'no file there', args: ['-f', 'promt.md'], want: 'promt.md: does not exist; did you mean', exitCode: 1 },
  { name: 'an empty prompt', args: ['-f', '-'], want: 'spec.prompt: must not be empty', exitCode: 1 },
  { name: 'no time', args: ['--timeout', '0', 'x'], want: 'It must be a duration such as 90s', exitCode: 2 },
  { name: 'deleting without waiting', args: ['-d', '--rm', 'x'], want: '--rm deletes after the end', exitCode: 2 },
]
test.each(bad)('$name: exit code $exitCode', async ({ args, want, exitCode }) => {
  const ended = await dryRun(args)
  expect(ended).toMatchObject({ stdout: '', exitCode, stderr: expect.stringContaining(want) })
})
