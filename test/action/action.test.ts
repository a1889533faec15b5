import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../docs/markdown.ts'

/* The second step of action.yml as a runner has it; the first one installs, and asks npm. */

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>
  runs: { using: string; steps: { uses?: string; shell: string; env?: Record<string, string>; run: string }[] }
}
const action: Action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8'))

const JOB =
  'apiVersion: agentjob.io/v1alpha1\nkind: AgentJob\nmetadata: {name: a}\nspec: {runtimeRef: echo, prompt: hi}\n'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-action-'))
  await mkdir(join(folder, 'good'))
  await mkdir(join(folder, 'bad folder/deep'), { recursive: true })
  await writeFile(join(folder, 'good/a.yaml'), JOB)
  await writeFile(join(folder, 'bad folder/deep/b.yaml'), JOB.replace('prompt: hi', 'promt: hi'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the step as GitHub does: its inputs in its variables, in the folder of the repository. */
async function validate(inputs: Record<string, string>): Promise<{ code: number; lines: string[] }> {
  const { run, env = {} } = action.runs.steps[1] as Action['runs']['steps'][number]
  const value = (name = '') => inputs[name] ?? action.inputs[name]?.default ?? ''
  const given = Object.entries(env).map(([key, text]) => [
    key,
    text.replace(/\$\{\{ inputs\.(\w+) }}/g, (_, name) => value(name)),
  ])
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GITHUB_ACTION_PATH: ROOT,
      RUNNER_TEMP: folder,
      ...Object.fromEntries(given),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  const code = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  return { code, lines: output.trimEnd().split('\n') }
}

describe('action.yml', () => {
  test('runs nothing of others, and every step says its shell', () => {
    expect(action.runs.using).toBe('composite')
    expect(action.runs.steps.map(({ uses, shell }) => [uses, shell])).toEqual(
      action.runs.steps.map(() => [undefined, 'bash']),
    )
  })

  test('a text of a workflow becomes no text of a script', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{')
  })

  test('what is valid', async () => {
    expect(await validate({ path: 'good' })).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^::warning file=good\/a\.yaml,line=4,col=8,title=AgentJob a::spec\.runtimeRef: /),
        '1 object valid, 0 invalid',
      ],
    })
  })

  test('strict', async () => expect((await validate({ path: 'good', strict: 'true' })).code).toBe(1))

  test('several paths, with spaces in them; what is wrong at its line', async () => {
    const { code, lines } = await validate({ path: 'good\nbad folder\n' })
    expect(code).toBe(1)
    expect(lines).toContain(
      '::error file=bad folder/deep/b.yaml,line=4,col=26,title=AgentJob a::spec.promt: unknown field; did you mean prompt?',
    )
  })
})
