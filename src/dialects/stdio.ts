import type { Finding } from '../api/finding.ts'
import type { McpServer, NamedValue } from './task.ts'

/** A text of our own, to which user's texts are arguments: NAME VARIABLE … -- COMMAND ARGUMENT… */
const RENAME = 'while [ "$1" != -- ]; do eval "export $1=\\"\\${$2-}\\""; shift 2; done; shift; exec "$@"'

/** An MCP server that is a command, for a program that can hand a variable on, but only under the name that it has. */
export interface StdioServer {
  command: string
  args: string[]
  /** What stands in no Secret, by name. */
  env: Record<string, string>
  /** The variables that it needs out of its parent's. */
  variables: string[]
  errors: Finding[]
}

/** Wraps the command of a server in a shell that gives the variables with its secrets the names that it knows. */
export function stdioServer({ name, command = '', args = [], env = [] }: McpServer): StdioServer {
  const secrets = env.filter((item) => 'variable' in item)
  const plain = { env: literals(env), variables: secrets.map(({ variable }) => variable), errors: [] }
  if (!secrets.length) return { command, args, ...plain }
  const strange = secrets.filter((secret) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(secret.name))
  return {
    command: 'sh',
    args: ['-c', RENAME, 'sh', ...secrets.flatMap((one) => [one.name, one.variable]), '--', command, ...args],
    ...plain,
    errors: strange.map((secret) => ({
      path: 'spec.mcpServerRefs',
      message: `McpServer "${name}" takes ${secret.name} from a Secret, which no shell can name; use letters, digits and "_"`,
    })),
  }
}

/** The values that stand in no Secret, by name. */
export const literals = (list: NamedValue[] = []): Record<string, string> =>
  Object.fromEntries(list.flatMap((item) => ('value' in item ? [[item.name, item.value]] : [])))

/** The variables that hold what stands in a Secret, by the name of the value. */
export const variables = (list: NamedValue[] = []): Record<string, string> =>
  Object.fromEntries(list.flatMap((item) => ('variable' in item ? [[item.name, item.variable]] : [])))

/** The name of a server as programs and models take it: letters, digits, "-" and "_". */
export const serverName = (name: string): string => name.replaceAll('.', '_')
