import type { Expansion } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { parseQuantity } from '../api/quantity.ts'
import { neverFires } from '../api/schedule.ts'
import { egressWarnings } from './egress/egress.ts'
import { countsRuns } from './held.ts'
import type { ExpandInput } from './input.ts'
import type { RenderedPod } from './pod.ts'
import type { Resolved } from './references.ts'

/** What a user should know of an expansion that is accepted all the same. */
export function warningsOf(
  { job, previous, quotas, settings }: ExpandInput,
  resolved: Resolved,
  pod: RenderedPod,
  expansion: Expansion,
): Finding[] {
  const { spec } = job
  const warnings: Finding[] = expansion.problems
    .filter(({ reason }) => reason === 'ReferenceNotFound' && settings.missingReferences === 'Warn')
    .map(({ path, message }) => ({ path, message }))
  const warn = (path: string, message: string) => warnings.push({ path, message })
  if (spec.schedule !== undefined && neverFires(spec.schedule))
    warn('spec.schedule', `"${spec.schedule}" never fires: there is no such date`)
  if (spec.schedule !== undefined && spec.concurrencyPolicy === 'Allow' && resolved.runtime?.spec.maxConcurrentRuns)
    warn(
      'spec.concurrencyPolicy',
      `Allow lets runs pile up while AgentRuntime "${spec.runtimeRef}" has no place for them; with Forbid one waits at a time`,
    )
  else if (spec.schedule !== undefined && spec.concurrencyPolicy === 'Allow')
    for (const { name } of quotas.filter((quota) => countsRuns(quota.spec)))
      warn(
        'spec.concurrencyPolicy',
        `Allow lets runs pile up while AgentQuota "${name}" has no place for them; with Forbid one waits at a time`,
      )
  if (resolved.access && resolved.runtime?.spec.serviceAccountName)
    warn(
      'spec.clusterAccessRef',
      `the agent runs as the ServiceAccount of its ClusterAccess, not as the AgentRuntime's "${resolved.runtime.spec.serviceAccountName}"`,
    )
  if (
    resolved.runtime?.spec.authEnvVar &&
    spec.env?.some(({ name }) => name === resolved.runtime?.spec.authEnvVar) &&
    spec.authRef
  )
    warn('spec.env', `${resolved.runtime.spec.authEnvVar} wins over the token of AgentAuth "${spec.authRef}"`)
  warnings.push(...egressWarnings(job, resolved, pod, settings))
  warnings.push(...volumeChanges(claimOf(previous), claimOf(expansion)))
  return warnings
}

interface Claim {
  accessModes: string[]
  storageClassName?: string
  resources: { requests: { storage: string | number } }
}

const claimOf = (expansion: Expansion | undefined) =>
  expansion?.resources.find(({ kind }) => kind === 'PersistentVolumeClaim')?.spec as Claim | undefined

/** Wishes of a spec that a volume cannot fulfil once it is there. */
function volumeChanges(before: Claim | undefined, now: Claim | undefined): Finding[] {
  if (!before || !now) return []
  const changes: Finding[] = []
  const say = (field: string, message: string) => changes.push({ path: `spec.persistence.${field}`, message })
  const [size, asked] = [before.resources.requests.storage, now.resources.requests.storage]
  if ((parseQuantity(asked) ?? 0) < (parseQuantity(size) ?? 0)) say('size', `a volume only grows; it stays at ${size}`)
  const keeps = 'cannot change on a volume that is there; delete its PersistentVolumeClaim for a new one'
  if (before.accessModes[0] !== now.accessModes[0]) say('accessMode', keeps)
  if (before.storageClassName !== now.storageClassName) say('storageClassName', keeps)
  return changes
}
