import type { AgentJob, AgentJobSpec } from '../api/agentjob.ts'
import { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Expansion } from '../api/expansion.ts'
import { type Finding, formatFinding } from '../api/finding.ts'
import { specHash } from '../api/hash.ts'
import { expand } from '../expand/expand.ts'
import type { Lookup } from '../expand/input.ts'
import { renderPod } from '../expand/pod.ts'
import { lookupNamespaces, resolve } from '../expand/references.ts'
import type { Settings } from '../expand/settings.ts'
import type { CheckedObject } from './objects.ts'

/** An AgentJob as admission would expand it at CREATE. */
export interface OfflineExpansion {
  checked: CheckedObject
  expansion: Expansion
  /** What admission would refuse. */
  errors: Finding[]
  warnings: Finding[]
}

/**
 * Expands every valid AgentJob among the objects, its references looked up among them, too. Whoever creates the objects
 * counts as entitled to every ClusterAccess: who that will be is not known here.
 */
export function expandObjects(objects: CheckedObject[], settings: Settings): OfflineExpansion[] {
  const lookup = lookupAmong(objects)
  return objects
    .filter(({ kind, spec }) => kind === 'AgentJob' && spec !== undefined)
    .map((checked) => expandOne(checked, lookup, settings))
}

/** The valid objects by kind, namespace and name; hashed with their defaults, as the API server stores them. */
function lookupAmong(objects: CheckedObject[]): Lookup {
  const found = new Map<string, { spec: unknown; hash: string }>()
  for (const { kind, namespace, name, spec } of objects)
    if (spec !== undefined) found.set(`${kind}/${namespace}/${name}`, { spec, hash: specHash(spec) })
  return (kind, namespace, name) => found.get(`${kind}/${namespace}/${name}`)
}

function expandOne(checked: CheckedObject, lookup: Lookup, settings: Settings): OfflineExpansion {
  const { namespace, name, object } = checked
  const spec = checked.spec as AgentJobSpec
  const job = { ...object, metadata: { ...object.metadata, namespace, name }, spec } as unknown as AgentJob
  const access = spec.clusterAccessRef
  const grants =
    access === undefined ? [] : lookupNamespaces(namespace, settings).map((at) => ({ namespace: at, name: access }))
  const { expansion, errors, warnings } = expand({
    job,
    specChanged: true,
    requester: '',
    grants,
    lookup,
    settings,
  })
  if (expansion.problems.length) errors.push(...podErrors(job, lookup, settings))
  const told = new Set(errors.map(formatFinding))
  return { checked, expansion, errors, warnings: warnings.filter((warning) => !told.has(formatFinding(warning))) }
}

/** What the pod itself would be refused for, found although a reference is missing. */
function podErrors(job: AgentJob, lookup: Lookup, settings: Settings): Finding[] {
  const resolved = resolve(job.spec, job.metadata.namespace as string, lookup, settings)
  const runtime = resolved.runtime?.spec ?? AgentRuntimeSpec.parse({ image: 'stand-in' })
  return renderPod(job, runtime, resolved, '').errors
}
