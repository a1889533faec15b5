import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJson } from './agentjson.ts'
import { claudeCode } from './claudecode.ts'
import { codex } from './codex.ts'
import { custom } from './custom.ts'
import { gemini } from './gemini.ts'
import { goose } from './goose.ts'
import { opencode } from './opencode.ts'
import type { Output } from './output/output.ts'
import type { Rendered, Task } from './task.ts'
import { taskMd } from './taskmd.ts'

/**
 * How a program is told what to do, and what it says of it. A dialect writes nothing but what was seen to work with the
 * program itself, in the version that its comment names.
 */
export interface Dialect {
  name: AgentRuntimeSpec['dialect']
  render(task: Task): Rendered
  /**
   * Reads the end of what the program has printed: stdout with stderr in between, as a pod's log has them, and cut
   * anywhere at its front. Undefined where nothing of it is the program's; never throws.
   */
  readOutput(tail: string): Output | undefined
}

const DIALECTS: Record<Dialect['name'], Dialect> = {
  'agent-json': agentJson,
  'claude-code': claudeCode,
  codex,
  custom,
  gemini,
  goose,
  opencode,
  'task-md': taskMd,
}

/** What the end of a program's output says, whatever stands in the place of its dialect's name. */
export const outputOf = (name: string, tail: string): Output | undefined =>
  Object.hasOwn(DIALECTS, name) ? DIALECTS[name as Dialect['name']].readOutput(tail) : undefined

/** The dialect of that name. */
export const dialectOf = (name: Dialect['name']): Dialect => DIALECTS[name]
