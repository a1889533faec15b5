import type { Finding } from '../api/finding.ts'

/** A value as it stands, or the environment variable that holds what stands in a Secret. */
export type NamedValue = { name: string; value: string } | { name: string; variable: string }

/** An MCP server: a command with variables, or a URL with headers. */
export interface McpServer {
  name: string
  command?: string
  args?: string[]
  env?: NamedValue[]
  url?: string
  headers?: NamedValue[]
}

export interface Skill {
  repo: string
  name: string
  ref: string
}

export interface Repository {
  name: string
  host: string
  owner: string
  repo: string
  /** The environment variable with its token. */
  tokenEnv?: string
}

/** Folders in the container. */
export interface Paths {
  /** Writable, and HOME. */
  home: string
  /** Writable, for what is thrown away. */
  tmp: string
  /** Writable, where the agent works. */
  workspaceDir: string
  /** Where files of ours are mounted; read-only. */
  files: string
}

/** Arguments and files with placeholders, of the dialect custom. */
export interface Templates {
  args?: string[]
  files?: { path: string; content: string }[]
}

/** All that an agent is told, whichever program it is. */
export interface Task {
  /** The AgentJob. */
  name: string
  namespace: string
  prompt: string
  instructions?: string
  model?: string
  /** In the words of the program; left out where nothing limits it. */
  allowedTools?: string[]
  mcpServers: McpServer[]
  skills: Skill[]
  repositories: Repository[]
  paths: Paths
  templates?: Templates
  /** Whether a further attempt is to go on with the session of the one before. */
  resumes?: boolean
}

/** How a program is started that knows nothing of us; `startCommand` makes a container's command of it. */
export interface Start {
  /** Name of the program, where the AgentRuntime has no command of its own. */
  program: string
  args: string[]
  /** A file of ours that it gets on stdin; nothing where it is left out. */
  stdin?: string
  /** Files of ours that it wants in a folder in which it writes. */
  copies?: { from: string; to: string }[]
  /** A folder out of which the folders of earlier starts are taken first. */
  cleared?: string
  /** Folders of ours that it wants there; what is there already goes. */
  folders?: { from: string; to: string }[]
  /** Variables whose values are put into the text of a JSON file by the program: they are escaped for it. */
  escaped?: string[]
  /** Variables that the program wants to be there: empty ones where a Secret is missing that may be. */
  present?: string[]
  /** A file whose text comes after what is on stdin, where the two are put together, and how the tag around it begins. */
  appended?: { from: string; to: string; tag: string }
  resumed?: Resumed
}

/** How a program is started instead, where an attempt before has left a session behind. */
export interface Resumed {
  /** Folder below home in which the program keeps its sessions; nothing else is to be mounted there. */
  folder: string
  /**
   * Where a session is, below that folder: a pattern without spaces, and what one of these files holds as soon as the
   * prompt stands in it. Whoever went on with less would not know what to do.
   */
  session: { files: string; holds: string }
  args: string[]
  stdin?: string
}

/** A text file, read-only. */
export interface RenderedFile {
  path: string
  text: string
}

/** A task in the files, variables and arguments of a program. No value of a Secret is in it. */
export interface Rendered {
  /** Left out where the container starts as image and AgentRuntime say. */
  start?: Start
  /** Arguments of the container, without `start`. */
  args?: string[]
  /** What stands in env of AgentRuntime and AgentJob wins over it. */
  env: { name: string; value: string }[]
  files: RenderedFile[]
  /** Folder in which the program looks for skills of its user; left out where the program gets them by itself. */
  skills?: string
  /** What is wrong with it, by field of the AgentJob. */
  errors: Finding[]
  /** What the program cannot be told. */
  warnings: Finding[]
}
