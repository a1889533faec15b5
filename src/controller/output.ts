import { outputOf } from '../dialects/dialect.ts'
import type { Output } from '../dialects/output/output.ts'
import { DIALECT_ANNOTATION } from '../expand/names.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import { agentState } from '../status/pods.ts'
import { isOver, isTerminal, newest } from '../status/run.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { identityOf } from './identity.ts'
import { isFinished } from './outline.ts'

/** The end of a log that is read: programs print their result, with what it took, in their last line. */
const TAIL_LINES = 400
/** An agent may print lines of any length; beyond this its result is not found, and nobody is hurt. */
const LIMIT_BYTES = 2 * 1024 * 1024
const TIMEOUT_MS = 5000

/**
 * What the program of a run that has just ended says of it, out of its pod's log. Asked once, before the end is told, and
 * only for programs that print it; where the log cannot be had, the end is told without.
 */
export async function readOutput(
  ctx: Context,
  job: CachedAgentJob,
  run: CachedJob,
  pods: CachedPod[],
): Promise<Output | undefined> {
  const dialect = run.metadata.annotations?.[DIALECT_ANNOTATION]
  const pod = newest(pods)
  const before = job.status?.runs?.find(({ uid }) => uid === run.metadata.uid)
  if (!dialect || !pod || !isFinished(run) || isTerminal(before?.phase)) return undefined
  // an agent that was never started has no log
  if (isOver(pod) && !agentState(pod)?.terminated) return undefined
  const { namespace, name } = pod.metadata
  try {
    const { body } = await ctx.client.transport.request({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
      query: { container: AGENT_CONTAINER, tailLines: TAIL_LINES, limitBytes: LIMIT_BYTES },
      timeoutMs: TIMEOUT_MS,
      signal: ctx.signal,
    })
    return typeof body === 'string' ? outputOf(dialect, body) : undefined
  } catch (err) {
    if (ctx.signal.aborted) throw err
    ctx.log.warn(
      { ...identityOf(job), pod: name, err },
      'the log of a run could not be read; its end is told without result',
    )
    return undefined
  }
}
