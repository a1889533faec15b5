import { Buffer } from 'node:buffer'
import type { AgentJobSpec } from '../api/agentjob.ts'
import type { Expansion, Problem } from '../api/expansion.ts'
import { egressFaults } from './egress/egress.ts'
import { variableClashes } from './environment.ts'
import type { ExpandInput } from './input.ts'
import { hostRefusal } from './notifyhosts.ts'
import type { RenderedPod } from './pod.ts'
import { isOf, type Resolved } from './references.ts'

/** The most that spec and expansion may take together, in bytes of JSON; etcd takes some 1.5 MB an object. */
export const MAX_BYTES = 1024 * 1024

/** What an expansion waits for: objects that are not there (yet), rights that the requester lacks. */
export function obstaclesOf({ job, grants }: ExpandInput, { access, missing, forbidden }: Resolved): Problem[] {
  const obstacles: Problem[] = missing.map((finding) => ({
    reason: 'ReferenceNotFound',
    path: finding.path,
    message: `${finding.message}; nothing runs until there is one`,
  }))
  for (const { path, message } of forbidden) obstacles.push({ reason: 'Forbidden', path, message })
  if (access && !isGranted({ grants }, access))
    obstacles.push({
      reason: 'Forbidden',
      path: 'spec.clusterAccessRef',
      message: `whoever last changed the spec was not entitled to ClusterAccess "${job.spec.clusterAccessRef}" as it is now; somebody with the verb use on it must change the spec`,
    })
  return obstacles
}

/** Whether the ClusterAccess that is found now is one that the requester was entitled to. */
export const isGranted = ({ grants }: Pick<ExpandInput, 'grants'>, access: NonNullable<Resolved['access']>): boolean =>
  grants.some(
    (grant) =>
      isOf(grant, 'ClusterAccess', access.namespace, access.name) &&
      (grant.hash === undefined || grant.hash === access.hash),
  )

/** What is wrong with an AgentJob: no later change of the world is expected to mend it. */
export function faultsOf(
  { job, settings, specChanged, storedUrl, isUnread }: ExpandInput,
  resolved: Resolved,
  pod: RenderedPod,
): Problem[] {
  const faults: Problem[] = []
  const add = (path: string, message: string) => faults.push({ reason: 'Invalid', path, message })
  if (specChanged && settings.missingReferences === 'Deny')
    for (const { path, message, sought } of resolved.missing) {
      const unread = sought?.namespaces.some((at) => isUnread?.(sought.kind, at, sought.name))
      add(
        path,
        unread
          ? `${message} that is known yet; create it first, or try again in a moment`
          : `${message}; create it first`,
      )
    }
  // what is stored already runs on, and may change in other ways: whoever sends looks at the settings again
  const { url } = job.spec.notify ?? {}
  const refusal = specChanged && url !== undefined && url !== storedUrl ? hostRefusal(url, settings) : undefined
  if (refusal) add('spec.notify.url', refusal)
  if (!settings.clusterAccess && job.spec.clusterAccessRef !== undefined)
    add(
      'spec.clusterAccessRef',
      'ClusterAccess is switched off in this cluster; remove clusterAccessRef, or ask whoever runs AgentJob here to set clusterAccess.enabled',
    )
  if (resolved.auth && resolved.runtime && !resolved.runtime.spec.authEnvVar)
    add(
      'spec.authRef',
      `AgentRuntime "${job.spec.runtimeRef}" has no authEnvVar to put the token in; set it there, or leave authRef out`,
    )
  if (job.spec.queueName !== undefined && resolved.runtime?.spec.maxConcurrentRuns !== undefined)
    add(
      'spec.queueName',
      `AgentRuntime "${job.spec.runtimeRef}" has maxConcurrentRuns, and a run can wait in one line only; remove queueName, or run on an AgentRuntime without maxConcurrentRuns`,
    )
  const egress = egressFaults(job, resolved, pod, settings)
  for (const { path, message } of [...variableClashes(resolved), ...pod.errors, ...egress]) add(path, message)
  if (resolved.oversize) faults.push({ reason: 'TooLarge', ...resolved.oversize })
  return faults
}

/** Whether spec and expansion together are more than an object can hold; said of the largest field. */
export function tooLarge(spec: AgentJobSpec, { contexts }: Resolved, expansion: Expansion): Problem | undefined {
  // nearly all are far from the limit
  if (atMost(spec) + atMost(expansion) <= MAX_BYTES) return undefined
  const total = bytesOf(spec) + bytesOf(expansion)
  if (total <= MAX_BYTES) return undefined
  // contexts are mostly elsewhere
  const sizes = Object.entries({ ...spec, contexts: contexts.map(({ source, texts }) => [source, texts]) }).map(
    ([field, value]) => ({ field, bytes: bytesOf(value) }),
  )
  const largest = sizes.reduce((one, other) => (other.bytes > one.bytes ? other : one))
  return {
    reason: 'TooLarge',
    path: `spec.${largest.field}`,
    message: `takes ${largest.bytes} bytes, and spec and expansion ${total} together; at most ${MAX_BYTES} are possible`,
  }
}

/** No fewer bytes than a value takes in JSON, found in half the time that writing it takes. */
export function atMost(value: unknown, depth = 0): number {
  // a control character is written in six
  if (typeof value === 'string') return 6 * value.length + 2
  if (value === null || typeof value !== 'object') return LONGEST_NUMBER
  if (depth > MOST_DEPTH) return Number.POSITIVE_INFINITY
  let bytes = 2
  if (Array.isArray(value)) for (const item of value) bytes += atMost(item, depth + 1) + 1
  // in half the time of Object.keys; what is inherited would be too much, never too little
  else for (const key in value) bytes += 6 * key.length + 4 + atMost((value as Record<string, unknown>)[key], depth + 1)
  return bytes
}

const LONGEST_NUMBER = 25
/** Some stacks hold no more than some thousand. */
const MOST_DEPTH = 100

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')
