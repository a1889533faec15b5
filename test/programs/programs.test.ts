import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { dialectOf } from '../../src/dialects/dialect.ts'
import { GO_ON } from '../../src/dialects/instructions.ts'
import type { Task } from '../../src/dialects/task.ts'
import type { Script } from '../dialects/answers.ts'
import { type Container, makeContainer, namesIn, runTask } from '../dialects/container.ts'
import { type FakeModel, startFakeModel } from '../dialects/fakemodel.ts'
import { everything, NASTY, SECRETS } from '../dialects/tasks.ts'
import { installPrograms } from './install.ts'
import { PROGRAMS, type Program } from './programs.ts'

/*
 * The programs themselves, as npm carries them, with what is rendered for them, against a model on loopback. What npm has
 * not for this machine is skipped. Nothing leaves the machine: everything that is not loopback goes to a proxy that is
 * not there. AGENTJOB_DIALECT_PROGRAMS names a folder with claude, codex, gemini, goose or opencode to take instead.
 */

setDefaultTimeout(120_000)
const FOLDER = process.env.AGENTJOB_DIALECT_PROGRAMS ?? (await installPrograms(console.error))
const NOWHERE = 'http://127.0.0.1:9'
const OFFLINE = { HTTPS_PROXY: NOWHERE, HTTP_PROXY: NOWHERE, NO_PROXY: '127.0.0.1,localhost' }

let container: Container
let model: FakeModel | undefined
beforeEach(async () => {
  container = await makeContainer()
})
afterEach(async () => {
  await model?.stop()
  await container.remove()
})

async function run(
  program: Program,
  script: Script & { fails?: number },
  change: Partial<Task> = {},
  secrets: Record<string, string> = SECRETS,
  port?: number,
) {
  model = await startFakeModel(script, port)
  const dialect = dialectOf(program.dialect)
  const task = { ...everything(container.paths, model.url), model: program.model, ...change }
  const command = [join(FOLDER, program.name)]
  const env = { ...OFFLINE, ...secrets, ...program.env(model.url) }
  const ended = await runTask(dialect, task, { command, args: program.args?.(model.url) }, env)
  const log = ended.stderr + ended.stdout
  return { ...ended, asked: model.asked, mcp: model.mcp, output: dialect.readOutput(log), log }
}

/** A text as it stands in the JSON of a request. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1)

const isThere = ({ name }: Program) => existsSync(join(FOLDER, name))

for (const { name } of PROGRAMS.filter((one) => !isThere(one)))
  test.skip(`${name} itself, which is not there for this machine`, () => {})

for (const program of PROGRAMS.filter(isThere))
  describe(program.name, () => {
    const { allowedTools } = program

    test('is told everything, to the letter', async () => {
      const { code, asked, mcp, output, log } = await run(program, { says: 'pong' })
      expect(code, log).toBe(0)
      expect(output).toMatchObject({ result: 'pong', isError: false, usage: program.usage })
      expect(asked.map((one) => one.model)).toEqual([program.model.replace('anthropic/', '')])
      const { body } = asked[0] as { body: string }
      expect(body).toContain(inJson(NASTY))
      expect(body).toContain(inJson(`Be brief. ${NASTY}\n\nRepositories:\n- acme/site on github.com`))
      const report = JSON.parse(await readFile(join(container.paths.home, 'report.json'), 'utf8'))
      expect(report.args).toEqual(['$HOME ${HOME} {env:HOME} "q"'])
      expect(report.env).toMatchObject({ PLAIN: 'x {env:HOME} {file:/etc/passwd} "q" é' })
      if (program.name !== 'gemini') expect(report.env.GITHUB_TOKEN).toBe(SECRETS.MCP_GIT_HUB_GITHUB_TOKEN)
      for (const { headers } of mcp)
        expect(headers).toMatchObject({ 'x-team': 'web {env:HOME}', authorization: SECRETS.MCP_REMOTE_AUTHORIZATION })
      expect(mcp).not.toEqual([])
    })

    test('is told the least', async () => {
      const nothing = { instructions: undefined, mcpServers: [], repositories: [] }
      for (const allowed of [undefined, []]) {
        const { code, log, output } = await run(program, { says: 'pong' }, { ...nothing, allowedTools: allowed })
        expect(code, log).toBe(0)
        expect(output?.result).toBe('pong')
      }
    })

    test('connects to an MCP server whose optional secrets are missing', async () => {
      const { code, log, mcp } = await run(program, { says: 'pong' }, {}, {})
      expect(code, log).toBe(0)
      expect(mcp).not.toEqual([])
      const report = JSON.parse(await readFile(join(container.paths.home, 'report.json'), 'utf8'))
      expect(report.env.GITHUB_TOKEN).toBe('')
    })

    test('offers no other tools than the allowed ones', async () => {
      const { code, asked, output, log, rendered } = await run(program, { says: 'pong' }, { allowedTools })
      expect(code, log).toBe(0)
      expect(rendered.warnings).toEqual([])
      expect(output?.result).toBe('pong')
      expect((asked[0]?.tools ?? []).filter((tool) => tool !== 'DeferredToolPlaceholder').sort()).toEqual(
        program.offered,
      )
    })

    test('calls an allowed tool of an MCP server', async () => {
      const { code, asked, log, output } = await run(program, { says: 'pong', tool: program.mcp }, { allowedTools })
      expect(code, log).toBe(0)
      expect(asked.at(-1)?.body).toContain('said-hello')
      expect(output?.result).toBe('pong')
    })

    for (const [what, tool] of Object.entries({ shell: program.shell('touch made'), write: program.write })) {
      test(`${what}: forbidden where it is not allowed`, async () => {
        const { log, output } = await run(program, { says: 'pong', tool }, { allowedTools })
        expect(await namesIn(container.paths.workspaceDir), log).not.toContain('made')
        expect(output?.result).toBe('pong')
      })

      test(`${what}: done without asking where nothing limits it`, async () => {
        const { code, log, asked } = await run(program, { says: 'pong', tool })
        expect(code, log).toBe(0)
        expect(await namesIn(container.paths.workspaceDir), log).toContain('made')
        expect(asked).toHaveLength(2)
      })
    }

    test('tells of a failure', async () => {
      const { code, output, log } = await run(program, { says: '', fails: 400 })
      expect(code, log).not.toBe(0)
      expect(output, log).toMatchObject({ isError: true, error: expect.stringContaining('fake failure') })
    })

    test('goes on with its session, of which nothing is left but its folder', async () => {
      const task = { resumes: true, allowedTools }
      const first = await run(program, { says: 'half of it' }, task)
      expect(first.code, first.log).toBe(0)
      const { resumed } = first.rendered.start ?? {}
      const kept = relative(container.paths.home, resumed?.folder ?? '').split('/')[0]
      for (const name of await namesIn(container.paths.home))
        if (name !== kept) await rm(join(container.paths.home, name), { recursive: true })
      await model?.stop()
      const port = Number(new URL(model?.url ?? '').port)
      const { code, asked, output, log } = await run(program, { says: 'pong' }, task, SECRETS, port)
      expect(code, log).toBe(0)
      expect(output?.result).toBe('pong')
      const { body } = asked[0] as { body: string }
      for (const text of [NASTY, 'half of it', GO_ON.trim()]) expect(body).toContain(inJson(text))
      expect(body.split(inJson(NASTY))).toHaveLength(first.asked[0]?.body.split(inJson(NASTY)).length as number)
      expect(asked[0]?.tools.toSorted()).toEqual(first.asked[0]?.tools.toSorted() as string[])
    })

    test('goes on, or starts afresh, after an attempt to which the model had no answer', async () => {
      const first = await run(program, { says: '', fails: 400 }, { resumes: true })
      expect(first.code, first.log).not.toBe(0)
      await model?.stop()
      const { code, asked, output, log } = await run(program, { says: 'pong' }, { resumes: true })
      expect(code, log).toBe(0)
      expect(output?.result).toBe('pong')
      expect(asked[0]?.body).toContain(inJson(NASTY))
    })

    test('starts afresh where there is no session, whatever else is in the folder', async () => {
      const { code, asked, log } = await run(program, { says: 'pong' }, { resumes: true })
      expect(code, log).toBe(0)
      expect(asked[0]?.body).not.toContain(inJson(GO_ON.trim()))
    })

    test('reads a prompt of half a megabyte', async () => {
      const prompt = `${'A line of text.\n'.repeat(32 * 1024)}The end.`
      const { code, asked, log } = await run(program, { says: 'pong' }, { prompt })
      expect(code, log).toBe(0)
      expect(asked[0]?.body).toContain(inJson(prompt))
    })
  })

const named = (name: string) => PROGRAMS.find((one) => one.name === name) as Program
const inWorkspace = (name: string) => join(container.paths.workspaceDir, name)

test.skipIf(!isThere(named('codex')))("codex: its shell sees tokens for its work, and not the model's", async () => {
  const tool = named('codex').shell('env > made')
  await run(named('codex'), { says: 'pong', tool }, {}, { ...SECRETS, REPOSITORY_SITE_TOKEN: 'site' })
  const variables = await readFile(inWorkspace('made'), 'utf8')
  expect(variables).toContain('REPOSITORY_SITE_TOKEN=site')
  expect(variables).not.toMatch(/CODEX_API_KEY|MCP_/)
})

test.skipIf(!isThere(named('opencode')))("opencode: a project's rules are read, its permissions are not", async () => {
  await writeFile(inWorkspace('opencode.json'), '{"permission":{"*":"allow","edit":"allow"}}')
  await writeFile(inWorkspace('AGENTS.md'), 'Rules of the project.')
  const { asked } = await run(named('opencode'), { says: 'pong' }, { allowedTools: named('opencode').allowedTools })
  expect(asked[0]?.tools.toSorted()).toEqual(named('opencode').offered)
  expect(asked[0]?.body).toContain('Rules of the project.')
})

test.skipIf(!isThere(named('claude')))("claude: a project's settings allow nothing more", async () => {
  await mkdir(inWorkspace('.claude'))
  await writeFile(inWorkspace('.claude/settings.json'), '{"permissions":{"allow":["Bash(touch *)"]}}')
  const tool = named('claude').shell('touch made')
  const { allowedTools } = named('claude')
  const { output, log } = await run(named('claude'), { says: 'pong', tool }, { allowedTools })
  expect(output?.result, log).toBe('pong')
  expect(await namesIn(container.paths.workspaceDir)).not.toContain('made')
})
