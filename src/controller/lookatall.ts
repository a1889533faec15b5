import { createBackoff, delay } from '../kube/delay.ts'
import { objectKey } from '../kube/object.ts'
import { type CachedAgentJob, withoutBallast } from './caches.ts'
import type { Context } from './context.ts'
import { isDue } from './line.ts'
import { isAsleep } from './outline.ts'
import { countRuns } from './places.ts'
import type { Queue } from './queue.ts'
import { isOfOlderEpoch } from './touch.ts'
import { AGENT_JOB } from './types.ts'

const PAGE = 250
/** However much else there is to do, the next page is not waited for longer. */
const PAGE_MS = 5000

/**
 * Has every AgentJob looked at once, whatever its last leader has seen: page by page, because most of them are at rest,
 * and those of one page are let go of before the next one is in memory. Resolves when all of them are in the
 * queue; from then on it is known who waits for whom.
 */
export async function lookAtAll(ctx: Context, queue: Queue): Promise<void> {
  const backoff = createBackoff({ baseMs: 200, capMs: 30_000, random: Math.random })
  for (;;) {
    try {
      await pageByPage(ctx, queue)
      return await countRuns(ctx)
    } catch (err) {
      if (ctx.signal.aborted) return
      ctx.log.warn({ err }, 'the AgentJobs could not be listed; it is tried again')
      await delay(backoff.next(), ctx.signal).catch(() => {})
      if (ctx.signal.aborted) return
    }
  }
}

async function pageByPage(ctx: Context, queue: Queue): Promise<void> {
  const { client, caches, signal } = ctx
  for await (const { items } of client.pages<CachedAgentJob>(AGENT_JOB, { limit: PAGE, goOn: true, signal })) {
    for (const item of items) {
      const job = withoutBallast(item)
      const cached = caches.agentJobs.getByKey(objectKey(job))
      // what has changed meanwhile comes whole, on the watch
      if (cached && isAsleep(cached) && cached.metadata.resourceVersion === job.metadata.resourceVersion)
        caches.agentJobs.swap(cached, job)
      queue.add(objectKey(job), { urgent: isDue(ctx, job) })
    }
    await rest(queue, signal)
  }
}

/** Until most of a page has been looked at. */
async function rest(queue: Queue, signal: AbortSignal): Promise<void> {
  const end = new AbortController()
  await Promise.race([queue.fallsBelow(PAGE), delay(PAGE_MS, AbortSignal.any([end.signal, signal])).catch(() => {})])
  end.abort()
}

/**
 * Has those AgentJobs looked at whose signature is of an older epoch than new ones are, page by page: each is touched
 * once. Resolves when all of them are in the queue.
 */
export async function lookAtOlder(ctx: Context, queue: Queue): Promise<void> {
  const older = [...ctx.caches.agentJobs.values()].filter((job) => isOfOlderEpoch(ctx, job)).map(objectKey)
  if (older.length) ctx.log.info({ epoch: ctx.keys.signs(), count: older.length }, 'AgentJobs are to be signed anew')
  for (let at = 0; at < older.length && !ctx.signal.aborted; at += PAGE) {
    for (const key of older.slice(at, at + PAGE)) queue.add(key)
    await rest(queue, ctx.signal)
  }
}
