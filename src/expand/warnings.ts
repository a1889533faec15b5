import type { Expansion } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { parseQuantity } from '../api/quantity.ts'
import { neverFires } from '../api/schedule.ts'
import type { ExpandInput } from './input.ts'
import type { Resolved } from './references.ts'

/** What a user should know of an expansion that is accepted all the same. */
export function warningsOf(
  { job, previous, settings }: ExpandInput,
  resolved: Resolved,
  expansion: Expansion,
): Finding[] {
  const { spec } = job
  const warnings: Finding[] = expansion.problems
    .filter(({ reason }) => reason === 'ReferenceNotFound' && settings.missingReferences === 'Warn')
    .map(({ path, message }) => ({ path, message }))
  const warn = (path: string, message: string) => warnings.push({ path, message })
  if (spec.schedule !== undefined && neverFires(spec.schedule))
    warn('spec.schedule', `"${spec.schedule}" never fires: there is no such date`)
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
  const shrinks = shrinkingVolume(previous, expansion)
  if (shrinks) warn('spec.persistence.size', shrinks)
  return warnings
}

function shrinkingVolume(previous: Expansion | undefined, expansion: Expansion): string | undefined {
  const [before, now] = [storageOf(previous), storageOf(expansion)]
  if (before === undefined || now === undefined) return undefined
  if ((parseQuantity(now) ?? 0) >= (parseQuantity(before) ?? 0)) return undefined
  return `a volume only grows; it stays at ${before}`
}

function storageOf(expansion: Expansion | undefined): string | number | undefined {
  const claim = expansion?.resources.find(({ kind }) => kind === 'PersistentVolumeClaim')
  return (claim?.spec as { resources: { requests: { storage: string | number } } } | undefined)?.resources.requests
    .storage
}
