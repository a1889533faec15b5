/** What a program is started with. */
export interface Run {
  /** Without the name of the program. */
  argv: string[]
  env: Record<string, string | undefined>
  stdin: string
  cwd: string
  read(path: string): string
  exists(path: string): boolean
}

/** An MCP server as a program would start it or connect to it, the values of Secrets in it. */
export interface Server {
  command?: string
  args?: string[]
  env?: Record<string, string>
  url?: string
  headers?: Record<string, string>
  /** Those that are allowed, where not all of them are. */
  tools?: string[]
}

/** What a program has understood of its task; each has members of its own about what is allowed. */
export interface View {
  prompt: string
  instructions?: string
  model?: string
  servers: Record<string, Server>
  [more: string]: unknown
}

export interface StandIn {
  /** Reads everything as the program does; throws a Refusal at whatever it does not know. */
  read(run: Run): View
  /** What the program prints on stdout when these are its last words. */
  print(result: string): string
  /** How the program ends when the model fails. */
  fail(message: string): { stdout: string; stderr: string; code: number }
}

export class Refusal extends Error {}

export const STANDINS: Record<'claude' | 'codex' | 'gemini' | 'goose' | 'opencode', StandIn>
