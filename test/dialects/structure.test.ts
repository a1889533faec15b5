import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parse as parseYaml } from 'yaml'
import { dialectOf } from '../../src/dialects/dialect.ts'
import { startCommand } from '../../src/dialects/start.ts'
import type { Rendered, Task } from '../../src/dialects/task.ts'
import { toml } from '../../src/dialects/toml.ts'
import { PROGRAMS } from '../programs/programs.ts'
import { filled, PATHS, tasks, text, withoutDollar } from './hostile.ts'
import { STANDINS, type View } from './standins/standins.mjs'
import { everything } from './tasks.ts'
import { understood, unwrapped } from './understood.ts'

/*
 * Whatever a user's text is, it stays a text: what a program reads out of its files and arguments is what was meant.
 * The stand-ins read, with the substitutions that the programs make, and refuse what they do not know.
 */

const secretsOf = ({ mcpServers }: Task, value: string): Record<string, string> =>
  Object.fromEntries(
    mcpServers.flatMap(({ env = [], headers = [] }) =>
      [...env, ...headers].flatMap((one) => ('variable' in one ? [[one.variable, value]] : [])),
    ),
  )

/** What the shell that starts a program makes of a variable; test/dialects/start.test.ts has it done by a shell. */
const escaped = (value: string) => value.replace(/["\\]/g, '\\$&').replaceAll('{', '\\u007b')

/** Starts a stand-in without a process. */
function viewOf(name: keyof typeof STANDINS, rendered: Rendered, env: Record<string, string>): View {
  const { start, files } = rendered
  if (!start) throw new Error('nothing is started')
  const texts = new Map(files.map((file) => [file.path, file.text]))
  for (const { from, to } of start.copies ?? []) texts.set(to, texts.get(from) as string)
  const { args } = startCommand({ ...start, program: name }, '/workspace')
  const variables = { HOME: '/home/agent', ...env }
  for (const variable of start.escaped ?? []) Object.assign(variables, { [variable]: escaped(env[variable] ?? '') })
  return STANDINS[name].read({
    argv: args.slice(args.indexOf('--') + 2),
    env: { ...variables, ...Object.fromEntries(rendered.env.map((one) => [one.name, one.value])) },
    stdin: texts.get(start.stdin ?? '') ?? '',
    cwd: '/workspace',
    exists: (path) => texts.has(path),
    read: (path) => {
      const found = texts.get(path)
      if (found === undefined) throw new Error(`there is no ${path}`)
      return found
    },
  })
}

for (const { name, dialect, env, allowedTools } of PROGRAMS)
  describe(dialect, () => {
    const isGemini = dialect === 'gemini'
    const program = name as keyof typeof STANDINS
    const secret = isGemini ? text.map(withoutDollar) : text
    /** A header's value has no control characters, and opencode is given none. */
    const printable = (one: string) => one.replace(/\p{Cc}/gu, '')

    test('any text stays a text', () => {
      fc.assert(
        fc.property(tasks(isGemini ? withoutDollar : (one) => one), secret.map(printable), (task, value) => {
          const rendered = dialectOf(dialect).render(task)
          expect([...rendered.errors, ...rendered.warnings]).toEqual([])
          const secrets = secretsOf(task, value)
          const view = viewOf(program, rendered, { ...env('http://x'), ...secrets })
          const want = understood(task, secrets)
          expect(view).toMatchObject({ prompt: want.prompt, model: want.model })
          expect(view.instructions ?? '').toBe(want.instructions)
          expect(Object.values(view.servers).map((one) => unwrapped(one, secrets)) as object[]).toEqual(want.servers)
        }),
        { numRuns: 200 },
      )
    })

    test('no tool of a role is more than a tool', () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(filled, text, fc.constantFrom(...allowedTools)), { maxLength: 6 }), (tools) => {
          const task = { ...everything(PATHS, 'http://x'), allowedTools: tools }
          const { allowed, builtIns, developer, servers } = viewOf(
            program,
            dialectOf(dialect).render(task),
            env('http://x'),
          )
          const told = [allowed, builtIns, developer, ...Object.values(servers).map((one) => one.tools)]
          for (const tool of told.flat().filter((one) => one !== undefined))
            expect(
              tools.some((one) => one.includes(tool as string)),
              `${tool} was not allowed`,
            ).toBe(true)
        }),
        { numRuns: 200 },
      )
    })
  })

test('TOML: any text is read again as it was', () => {
  const texts = fc.array(text, { maxLength: 3 })
  const table = fc.record({ text, texts, isOn: fc.boolean() })
  const tables = fc.record({
    text,
    one: fc.dictionary(filled, table, { maxKeys: 3, noNullPrototype: true }),
    more: fc.array(table, { minLength: 1 }),
  })
  fc.assert(fc.property(tables, (value) => expect(Bun.TOML.parse(toml(value)) as object).toEqual(value)))
})

test('what stands in a file is TOML and YAML to others, too', () => {
  const dialects = PROGRAMS.map(({ dialect }) => dialectOf(dialect))
  fc.assert(
    fc.property(
      tasks((one) => one),
      (task) => {
        for (const { path, text: file } of dialects.flatMap((dialect) => dialect.render(task).files)) {
          if (path.endsWith('recipe.json')) expect(parseYaml(file)).toEqual(JSON.parse(file))
          if (path.endsWith('.toml')) expect(Bun.TOML.parse(file)).toBeDefined()
        }
      },
    ),
  )
})

describe('custom', () => {
  const render = (task: Task, content: string) =>
    dialectOf('custom').render({ ...task, templates: { files: [{ path: '/x', content }] } }).files[1]?.text ?? ''

  test('what ends in Json is a string of JSON, of YAML and of TOML', () => {
    fc.assert(
      fc.property(
        tasks((one) => one),
        (task) => {
          const want = { prompt: task.prompt, more: task.instructions ?? '' }
          const json = '{"prompt": {{promptJson}}, "more": {{ instructionsJson }}}'
          expect(JSON.parse(render(task, json))).toEqual(want)
          expect(parseYaml(render(task, 'prompt: {{promptJson}}\nmore: {{instructionsJson}}\n'))).toEqual(want)
          expect(Bun.TOML.parse(render(task, 'prompt = {{promptJson}}\nmore = {{instructionsJson}}\n'))).toEqual(want)
        },
      ),
    )
  })

  test('what is filled in is not filled again', () => {
    const { files, args } = dialectOf('custom').render({
      ...everything(PATHS, 'http://x'),
      prompt: '{{model}}',
      templates: { args: ['{{prompt}}', '--model={{model}}'], files: [{ path: '/x', content: '{{prompt}}' }] },
      model: 'm',
    })
    expect([files[1]?.text, args]).toEqual(['{{model}}', ['{{model}}', '--model=m']])
  })
})
