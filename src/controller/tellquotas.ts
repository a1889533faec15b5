import { countsRuns } from '../expand/held.ts'
import { type Backoff, createBackoff, delay } from '../kube/delay.ts'
import { isNotFound } from '../kube/errors.ts'
import { objectKey } from '../kube/object.ts'
import type { Context } from './context.ts'
import { quotaAt, runsIn } from './pools.ts'
import { inTurn, toldRunning, writeUsed } from './runsaday.ts'

/** How long changes are gathered before they are told. */
const GATHER_MS = 500

/**
 * Keeps `status.used.runningRuns` of the AgentQuotas that count runs, when Jobs come, change and go; until `signal`. What is
 * refused is tried again with back-off, each AgentQuota on its own, and told of once.
 */
export function createQuotaTeller(
  ctx: Context,
  { gatherMs = GATHER_MS, random = Math.random } = {},
): { changed(namespace: string | undefined): void } {
  /** `namespace/name` each. */
  const due = new Set<string>()
  const refused = new Map<string, { backoff: Backoff; isPending: boolean }>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    const keys = [...due]
    due.clear()
    for (const key of keys) void tell(key)
  }
  const tell = async (key: string) => {
    if (ctx.signal.aborted) return
    const [namespace = '', name = ''] = key.split('/')
    try {
      await tellQuota(ctx, namespace, name)
      refused.delete(key)
    } catch (err) {
      if (ctx.signal.aborted) return
      if (!refused.has(key))
        ctx.log.warn({ namespace, name, err }, 'what an AgentQuota has used could not be told; it is tried again')
      const backoff = refused.get(key)?.backoff ?? createBackoff({ baseMs: 1000, capMs: 60_000, random })
      const retry = { backoff, isPending: true }
      refused.set(key, retry)
      await delay(backoff.next(), ctx.signal).catch(() => {})
      retry.isPending = false
      add(key)
    }
  }
  const add = (key: string) => {
    if (ctx.signal.aborted) return
    due.add(key)
    timer ??= setTimeout(flush, gatherMs)
  }
  const changed = (namespace = '') => {
    for (const { name, spec } of ctx.caches.references.quotasOf(namespace) ?? []) {
      const key = objectKey({ namespace, name })
      // the next try tells what there is by then
      if (countsRuns(spec) && !refused.get(key)?.isPending) add(key)
    }
  }
  ctx.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return { changed }
}

/** Writes how many runs are under way in a namespace into an AgentQuota of it whose status says otherwise. */
async function tellQuota(ctx: Context, namespace: string, name: string): Promise<void> {
  const quota = quotaAt(ctx, namespace, name)
  const spec = ctx.caches.references.quotasOf(namespace)?.find((one) => one.name === name)?.spec
  if (!quota || !countsRuns(spec)) return
  await inTurn(ctx, quota, async () => {
    const runs = runsIn(ctx, `AgentQuota/${namespace}/${name}`)
    const runningRuns = runs.filter(({ spec }) => spec?.suspend !== true).length
    if (toldRunning(ctx, quota) !== runningRuns) await writeUsed(ctx, quota, { runningRuns })
  }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
}
