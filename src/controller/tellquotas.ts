import { countsRuns } from '../expand/held.ts'
import { isNotFound } from '../kube/errors.ts'
import type { Context } from './context.ts'
import { quotaAt, runsIn } from './pools.ts'
import { inTurn, toldRunning, writeUsed } from './runsaday.ts'

/** How long changes are gathered before they are told. */
const GATHER_MS = 500

/** Keeps `status.used.runningRuns` of the AgentQuotas that count runs, when Jobs come, change and go; until `signal`. */
export function createQuotaTeller(ctx: Context): { changed(namespace: string | undefined): void } {
  const namespaces = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    const due = [...namespaces]
    namespaces.clear()
    if (ctx.signal.aborted) return
    for (const namespace of due)
      void tellQuotas(ctx, namespace).catch((err: unknown) => {
        if (ctx.signal.aborted) return
        ctx.log.warn({ namespace, err }, 'what an AgentQuota has used could not be told; it is tried again')
        changed(namespace)
      })
  }
  const changed = (namespace = '') => {
    const quotas = ctx.caches.references.quotasOf(namespace) ?? []
    if (!quotas.some(({ spec }) => countsRuns(spec))) return
    namespaces.add(namespace)
    timer ??= setTimeout(flush, GATHER_MS)
  }
  ctx.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  return { changed }
}

/** Writes how many runs are under way in a namespace into those of its AgentQuotas whose status says otherwise. */
async function tellQuotas(ctx: Context, namespace: string): Promise<void> {
  for (const { name, spec } of ctx.caches.references.quotasOf(namespace) ?? []) {
    const quota = quotaAt(ctx, namespace, name)
    if (!quota || !countsRuns(spec)) continue
    await inTurn(ctx, quota, async () => {
      const runs = runsIn(ctx, `AgentQuota/${namespace}/${name}`)
      const runningRuns = runs.filter(({ spec }) => spec?.suspend !== true).length
      if (toldRunning(ctx, quota) !== runningRuns) await writeUsed(ctx, quota, { runningRuns })
    }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }
}
