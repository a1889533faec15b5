import fc from 'fast-check'
import type { McpServer, Paths, Task } from '../../src/dialects/task.ts'

/* Tasks whose texts mean something to shells, to JSON, TOML and YAML, and to templates. */

const PIECES = [
  ...['"', "'", '\\', '\n', '\r\n', '\t', '$', '${', '$(', '$$', '`', '{', '{{', '{%', '{#', '}', '}}', '%}', '#}'],
  ...['{env:', '{file:', '{env:HOME}', '${HOME}', '$HOME', '$(HOME)', '"""', "'''", '"}', '"]', '],', '= ', '[[a]]'],
  ...['# ', '- ', ': ', '&a', '*a', '!!x', '|', '>', '---', '--flag', 'é', '日本', '🐙', '\u2028', '\u0085', '\u0000'],
  ...['\u007f', '\ufeff', '</', '<!--', '//', '/*', 'x', ' ', '\\u0041', '\\n', '%s'],
]
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
  fc.string({ unit: 'binary', maxLength: 3 }),
)
export const text = fc.array(piece, { maxLength: 10 }).map((list) => list.join('').toWellFormed())
export const filled = text.map((one) => `x${one}`)
/** Gemini CLI takes a dollar for the start of a variable in these, and says so in a warning. */
export const withoutDollar = (one: string) => one.replaceAll('$', 'S')

const names = fc.uniqueArray(fc.constantFrom('TOKEN', 'PATH_2', '_', 'x'), { maxLength: 3 })
const values = (server: string, change: (one: string) => string) =>
  names.chain((list) =>
    fc.tuple(
      ...list.map((name) =>
        fc.oneof(
          text.map((value) => ({ name, value: change(value) })),
          fc.constant({ name, variable: `MCP_${server}_${name.toUpperCase()}` }),
        ),
      ),
    ),
  )

const servers = (change: (one: string) => string): fc.Arbitrary<McpServer[]> =>
  fc.tuple(
    fc.record({
      name: fc.constant('a.b'),
      command: filled,
      args: fc.array(text, { maxLength: 3 }),
      env: values('A', change),
    }),
    fc.record({ name: fc.constant('c'), url: filled.map((one) => `https://x/${one}`), headers: values('C', change) }),
  )

export const PATHS: Paths = { home: '/home/agent', tmp: '/tmp', workspaceDir: '/workspace', files: '/etc/agentjob' }

export const tasks = (change: (one: string) => string): fc.Arbitrary<Task> =>
  fc.record({
    name: fc.constant('job'),
    namespace: fc.constant('agents'),
    prompt: filled,
    instructions: fc.option(filled, { nil: undefined }),
    model: filled,
    mcpServers: servers(change),
    skills: fc.constant([]),
    repositories: fc.constant([]),
    paths: fc.constant(PATHS),
  })
