import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { dialectOf } from '../../src/dialects/dialect.ts'
import { GO_ON } from '../../src/dialects/instructions.ts'
import type { Resumed, Start, Task } from '../../src/dialects/task.ts'
import { PROGRAMS } from '../programs/programs.ts'
import { type Container, makeContainer, namesIn, runTask } from './container.ts'
import type { View } from './standins/standins.mjs'
import { everything, NASTY, SECRETS } from './tasks.ts'
import { understood, unwrapped } from './understood.ts'

/* The whole way with a strict stand-in for each program: rendered, mounted, started, and its output read again. */

const MAIN = join(import.meta.dirname, 'standins', 'main.mjs')
const URL = 'http://127.0.0.1:1'

let container: Container
beforeEach(async () => {
  container = await makeContainer()
})
afterEach(() => container.remove())

for (const { name, dialect: dialectName, model, env, allowedTools } of PROGRAMS)
  describe(dialectName, () => {
    const dialect = dialectOf(dialectName)
    const run = async (change: Partial<Task>, extra: string[] = []) => {
      const task = { ...everything(container.paths, URL), model, ...change }
      const runtime = { command: ['node', MAIN, name], args: extra }
      const ended = await runTask(dialect, task, runtime, { ...SECRETS, ...env(URL) })
      return { ...ended, task, output: dialect.readOutput(ended.stderr + ended.stdout) }
    }
    const viewOf = (result: string | undefined) => JSON.parse(result ?? 'null') as View

    test('is told everything', async () => {
      const { code, stderr, output, task } = await run({})
      expect([code, stderr]).toEqual([0, ''])
      const view = viewOf(output?.result)
      const want = understood(task, SECRETS)
      expect(view).toMatchObject({ prompt: want.prompt, instructions: want.instructions, model })
      const [local, remote] = Object.values(view.servers).map((one) => unwrapped(one, SECRETS))
      expect(remote).toEqual(want.servers[1] as object)
      // Gemini CLI looks for variables in the values of variables
      const GITHUB_TOKEN = dialectName === 'gemini' ? expect.any(String) : SECRETS.MCP_GIT_HUB_GITHUB_TOKEN
      const wanted = want.servers[0]
      expect(local).toEqual({ ...wanted, env: { ...wanted?.env, GITHUB_TOKEN } })
    })

    test('is told the least', async () => {
      const nothing = { instructions: undefined, model: undefined, mcpServers: [], repositories: [] }
      const { code, stderr, output } = await run(nothing)
      expect([code, stderr]).toEqual([0, ''])
      expect(viewOf(output?.result)).toMatchObject({ prompt: NASTY, servers: {} })
      expect(output).toMatchObject({ isError: false, usage: { outputTokens: 7 } })
    })

    test('is limited to the allowed tools, and to none', async () => {
      for (const tools of [allowedTools, []]) {
        const { code, stderr, rendered } = await run({ allowedTools: tools })
        expect([code, stderr]).toEqual([0, ''])
        expect(rendered.warnings).toEqual([])
      }
    })

    test('goes on with a session, told everything but the prompt, and starts afresh without one', async () => {
      const first = await run({ resumes: true })
      expect([first.code, first.stderr]).toEqual([0, ''])
      const view = viewOf(first.output?.result)
      const { folder, session } = (first.rendered.start as Start).resumed as Resumed
      const file = join(folder, session.files.replaceAll('*', 'x'))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, `a session that holds ${session.holds}`)
      const { code, stderr, output } = await run({ resumes: true })
      expect([code, stderr]).toEqual([0, ''])
      expect([view.prompt, viewOf(output?.result)]).toEqual([NASTY, { ...view, prompt: GO_ON, resumes: true }])
    })

    test('ends badly', async () => {
      const { code, output } = await run({ prompt: 'stand-in: fail' })
      expect(code).not.toBe(0)
      expect(output).toMatchObject({ isError: true, error: expect.stringContaining('the model has failed') })
    })

    test('is given arguments that it does not know', async () => {
      const { code, stderr, output } = await run({}, ['--no-such-flag'])
      expect([code, stderr, output]).toEqual([64, `${name}: there is no flag --no-such-flag\n`, undefined])
    })

    test('writes nothing into the workspace', async () => {
      await run({})
      expect(await namesIn(container.paths.workspaceDir)).toEqual([])
    })
  })
