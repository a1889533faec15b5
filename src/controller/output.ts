import { Buffer } from 'node:buffer'
import { outputOf } from '../dialects/dialect.ts'
import { DIALECT_ANNOTATION, LOG_TAIL_ANNOTATION } from '../expand/names.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import { LOG_TAIL_LINES, logTailOf } from '../status/logtail.ts'
import { ENDED_ANNOTATION, type ObservedRun } from '../status/observed.ts'
import { agentState } from '../status/pods.ts'
import { isOver, isTerminal, newest } from '../status/run.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { identityOf } from './identity.ts'
import { isFinished } from './outline.ts'

/**
 * The end of a log that is read: programs print their result, with what it took, in their last line. An agent may print
 * lines of any length; beyond the limit neither its result is found nor its end, and nobody is hurt.
 */
const OF_PROGRAM = { tailLines: 400, limitBytes: 2 * 1024 * 1024 }
const OF_OTHERS = { tailLines: LOG_TAIL_LINES, limitBytes: 256 * 1024 }
const TIMEOUT_MS = 5000

/** What is told of a run out of its log. */
type FromLog = Pick<ObservedRun, 'output' | 'logTail'>

/**
 * What the program of a run that has just ended says of it, and the end of its log, out of that. Asked once, before the
 * end is told: for programs that print what came of it, and for what has failed. Where the log cannot be had, the end is
 * told without.
 */
export async function readLog(ctx: Context, job: CachedAgentJob, run: CachedJob, pods: CachedPod[]): Promise<FromLog> {
  const dialect = run.metadata.annotations?.[DIALECT_ANNOTATION]
  const pod = newest(pods)
  const before = job.status?.runs?.find(({ uid }) => uid === run.metadata.uid)
  const isWanted = dialect !== undefined || isTailWanted(run)
  if (!isWanted || !pod || !isFinished(run) || isTerminal(before?.phase)) return {}
  // an agent that was never started has no log, nor has one of a node that is gone
  if (isOver(pod) && !agentState(pod)?.terminated?.finishedAt) return {}
  const { namespace, name } = pod.metadata
  const part = dialect === undefined ? OF_OTHERS : OF_PROGRAM
  try {
    const { body } = await ctx.client.transport.request({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
      query: { container: AGENT_CONTAINER, ...part },
      timeoutMs: TIMEOUT_MS,
      signal: ctx.signal,
    })
    if (typeof body !== 'string') return {}
    // of one that is cut, the end is what is missing
    const isWhole = Buffer.byteLength(body) < part.limitBytes
    return {
      output: dialect === undefined ? undefined : outputOf(dialect, body),
      logTail: isWhole && isKept(run) ? logTailOf(body) : undefined,
    }
  } catch (err) {
    if (ctx.signal.aborted) throw err
    ctx.log.warn(
      { ...identityOf(job), pod: name, err },
      'the log of a run could not be read; its end is told without it',
    )
    return {}
  }
}

/** Whether the end of the log may be told to whoever reads the status. */
const isKept = ({ metadata }: CachedJob) => metadata.annotations?.[LOG_TAIL_ANNOTATION] === undefined

/** Whether it is worth a request: of what has failed, and was not meant to end. */
const isTailWanted = (run: CachedJob) =>
  isKept(run) &&
  run.metadata.annotations?.[ENDED_ANNOTATION] === undefined &&
  (run.status?.conditions?.some(({ type, status }) => type === 'Failed' && status === 'True') ?? false)
