import type { ChildResource } from '../../../src/api/expansion.ts'
import { CHILD_TYPES, ownerUid } from '../../../src/controller/types.ts'
import { MANAGED_BY } from '../../../src/expand/names.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import { type AgentJobObject, agentJobsOf, isLive, type Observation, ownedBy } from './observation.ts'

/** Children are what the expansion says, all of it and nothing else; nobody's children are left over. */
export const checkChildren = (o: Observation): string[] => [
  ...orphans(o),
  ...agentJobsOf(o).flatMap((job) =>
    isLive(job)
      ? differences(o, job).map((what) => `AgentJob ${job.metadata.name}: ${what}`)
      : [`AgentJob ${job.metadata.name} is still being deleted`],
  ),
]

const nameOf = ({ kind, metadata }: { kind: string; metadata: { name?: string } }) => `${kind} ${metadata.name}`
const isOurs = ({ metadata }: KubeObject) =>
  Object.entries(MANAGED_BY).every(([label, value]) => metadata.labels?.[label] === value)

function orphans(o: Observation): string[] {
  const owners = new Set(o.objects.map(({ metadata }) => metadata.uid))
  return o.objects
    .filter((object) => isOurs(object) && !owners.has(ownerUid(object)))
    .map((object) => `${nameOf(object)} is left over: it belongs to ${ownerUid(object) ?? 'nobody'}`)
}

function differences(o: Observation, job: AgentJobObject): string[] {
  const owned = ownedBy(o, job)
  const wanted = (job.expansion?.resources ?? []).filter(({ kind }) => kind !== 'Job')
  const found = wanted.flatMap((child) => {
    const live = owned.find(({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name)
    if (!live) return [`${nameOf(child)} is not there`]
    return contains(live, child) ? [] : [`${nameOf(child)} is not what the expansion says: ${JSON.stringify(live)}`]
  })
  const running = owned.some((child) => child.kind === 'Job' && !hasEnded(child))
  const tooMany = running || job.expansion?.problems.length ? [] : owned.filter((child) => isTooMuch(child, wanted))
  const named = job.status?.ownedResources?.map(({ kind, name }) => `${kind} ${name}`) ?? []
  const there = owned.filter(({ kind }) => kind === 'Job' || kind in CHILD_TYPES).map(nameOf)
  const same = JSON.stringify([...named].sort()) === JSON.stringify(there.sort())
  return [
    ...found,
    ...tooMany.map((child) => `${nameOf(child)} is there, and the expansion does not name it`),
    ...(same ? [] : [`status.ownedResources is ${named.join(', ')}; there are ${there.join(', ')}`]),
  ]
}

/** A volume outlives the wish for it. */
const isTooMuch = (child: KubeObject, wanted: ChildResource[]) =>
  child.kind !== 'Job' &&
  child.kind !== 'PersistentVolumeClaim' &&
  !wanted.some(({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name)

const hasEnded = ({ status }: KubeObject) =>
  (status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  ) ?? false

/** Whether everything that is wanted is there as it is wanted; Kubernetes adds defaults of its own. */
export function contains(live: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== 'object') return live === wanted
  const fields = Object.entries(wanted).filter(([, value]) => value !== undefined)
  // it leaves out what is empty
  if (live === undefined) return fields.length === 0
  if (Array.isArray(wanted))
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, n) => contains(live[n], item))
  return fields.every(([key, value]) => contains((live as Record<string, unknown>)[key], value))
}
