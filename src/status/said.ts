import type { Run } from '../api/agentjobstatus.ts'
import type { Output, Usage } from '../dialects/output/output.ts'
import { shortened } from './shortened.ts'

/** How many characters of a result are kept; the kubelet itself keeps 4096 bytes of a termination message. */
export const MAX_RESULT = 8000
const MAX_SESSION_ID = 256
/** How long the name of an output may be. */
const MAX_NAME = 253
const MAX_OUTPUTS = 64
const MAX_TURNS = 2147483647

/** What a run leaves behind. */
export type Said = Pick<Run, 'result' | 'outputs' | 'sessionId' | 'usage'>

/**
 * What is told of a run that has ended: what its program prints of it says more than the message in which the kubelet
 * puts a log's end. An agent may print what it likes: what a status cannot hold is left out of it. `files` are the
 * outputs that its AgentRuntime declares.
 */
export function saidBy(
  output: Output | undefined,
  message: string | undefined,
  files: Record<string, string> | undefined,
  before: Said | undefined,
): Said {
  // what was told once, a log that is not read again does not take back
  const said = output?.result ?? output?.error ?? before?.result ?? message
  const { sessionId } = output ?? {}
  return {
    result: said === undefined ? undefined : shortened(said, MAX_RESULT),
    outputs: withFiles(said === undefined || said === before?.result ? before?.outputs : outputsOf(said), files),
    sessionId: sessionId && sessionId.length <= MAX_SESSION_ID ? sessionId : before?.sessionId,
    usage: output?.usage ? bounded(output.usage) : before?.usage,
  }
}

/** Members of a JSON object that is no longer than a result; a part of one has none. */
function outputsOf(text: string): Record<string, string> | undefined {
  if (text.length > MAX_RESULT || !/^\s*\{/.test(text)) return undefined
  try {
    const members = Object.entries(JSON.parse(text) as object)
      .map(([name, value]): [string, string] => [name, asText(value)])
      .filter(([name, value]) => name.length <= MAX_NAME && value.length <= MAX_RESULT)
    return Object.fromEntries(members)
  } catch {
    return undefined
  }
}

/** What is declared comes before what happens to be in a result, be it that there is no room for all. */
function withFiles(members: Said['outputs'], files: Said['outputs']): Said['outputs'] {
  const others = Object.entries(members ?? {}).filter(([name]) => !Object.hasOwn(files ?? {}, name))
  const outputs = [...Object.entries(files ?? {}), ...others].slice(0, MAX_OUTPUTS)
  return outputs.length ? Object.fromEntries(outputs) : undefined
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function bounded({ costUSD, turns, ...tokens }: Usage): Usage | undefined {
  const counts = Object.entries(tokens).filter(([, count]) => Number.isSafeInteger(count) && count >= 0)
  const usage: Usage = {
    ...Object.fromEntries(counts),
    ...(costUSD !== undefined && /^\d{1,12}(\.\d{1,18})?$/.test(costUSD) ? { costUSD } : {}),
    ...(turns !== undefined && Number.isInteger(turns) && turns >= 0 && turns <= MAX_TURNS ? { turns } : {}),
  }
  return Object.keys(usage).length ? usage : undefined
}
