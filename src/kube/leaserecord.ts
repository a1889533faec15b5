import type { Client } from './client.ts'
import { isConflict } from './errors.ts'
import type { PartialObjectMetadata, ResourceType } from './object.ts'
import { microTime } from './time.ts'

/** `spec` of a coordination.k8s.io Lease, as client-go's leaderelection fills it. */
export interface LeaseSpec {
  holderIdentity?: string
  leaseDurationSeconds?: number
  acquireTime?: string
  renewTime?: string
  leaseTransitions?: number
}

interface Lease extends PartialObjectMetadata {
  spec: LeaseSpec
}

/** Where Leases are served. */
export const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

/** One candidate's view of one Lease. */
export interface LeaseRecord {
  /** Takes or renews the lease; false while another candidate's is still good. Throws when the server says nothing or no. */
  acquireOrRenew(o: { signal?: AbortSignal; timeoutMs: number }): Promise<boolean>
  /** Gives it back if it is still ours. */
  release(): Promise<void>
  /** Who holds it, as last seen. */
  holder(): string | undefined
  /** Milliseconds until another candidate's has run out, unless he renews it; 0 where nothing is to be waited for. */
  runsOutInMs(): number
}

/** What a candidate needs to know of its Lease. */
export interface LeaseRecordOptions {
  client: Client
  namespace: string
  name: string
  identity: string
  leaseDurationMs: number
  /** Milliseconds since the epoch, for the times in the Lease; waiting goes by the monotonic clock. */
  now: () => number
}

/** Reads nothing yet. */
export function createLeaseRecord(o: LeaseRecordOptions): LeaseRecord {
  const { client, namespace, name, identity } = o
  let observed: Lease | undefined
  let observedAt = 0
  /** What we hold of the lease is what the server has, as far as we know: it may be updated unread. */
  let current = false

  const observe = (lease: Lease) => {
    if (JSON.stringify(lease.spec) !== JSON.stringify(observed?.spec)) observedAt = performance.now()
    observed = lease
    current = true
  }
  const put = async (spec: LeaseSpec, request: { signal?: AbortSignal; timeoutMs: number }) => {
    const metadata = { namespace, name, resourceVersion: observed?.metadata.resourceVersion }
    const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    current = false
    observe(observed ? await client.update(LEASES, lease, request) : await client.create(LEASES, lease, request))
  }
  const isOurs = () => observed?.spec.holderIdentity === identity
  const runsOutInMs = () =>
    observed?.spec.holderIdentity && !isOurs()
      ? Math.max(0, observedAt + durationMs(observed.spec) - performance.now())
      : 0

  return {
    holder: () => observed?.spec.holderIdentity,
    runsOutInMs,
    async acquireOrRenew(request) {
      if (!current || !isOurs()) {
        const lease = await client.get<Lease>(LEASES, { namespace, name }, request)
        if (lease) observe(lease)
        else observed = undefined
      }
      if (runsOutInMs() > 0) return false
      await put(nextSpec(observed?.spec, o), request)
      return true
    },
    async release() {
      for (let tries = 0; tries < 2 && observed && isOurs(); tries++) {
        const time = microTime(o.now())
        const spec = {
          ...observed.spec,
          holderIdentity: '',
          leaseDurationSeconds: 1,
          acquireTime: time,
          renewTime: time,
        }
        try {
          return await put(spec, { timeoutMs: 5000 })
        } catch (error) {
          // A renewal of our own whose answer we did not wait for.
          if (!isConflict(error)) throw error
          observed = await client.get<Lease>(LEASES, { namespace, name })
        }
      }
    },
  }
}

const durationMs = (spec: LeaseSpec) => (spec.leaseDurationSeconds ?? 0) * 1000

function nextSpec(old: LeaseSpec | undefined, o: LeaseRecordOptions): LeaseSpec {
  const now = microTime(o.now())
  const renewal = old?.holderIdentity === o.identity
  return {
    holderIdentity: o.identity,
    leaseDurationSeconds: Math.ceil(o.leaseDurationMs / 1000),
    acquireTime: renewal ? old.acquireTime : now,
    renewTime: now,
    leaseTransitions: old ? (old.leaseTransitions ?? 0) + (renewal ? 0 : 1) : 0,
  }
}
