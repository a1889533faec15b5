import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { KubeMetrics } from '../../kube/metrics.ts'
import { SECONDS } from './buckets.ts'

/** What the client of the API server reports, under client-go's names. */
export function kubeMetrics(registers: Registry[]): KubeMetrics {
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server.',
    labelNames: ['code', 'method', 'host'],
    registers,
  })
  const requestSeconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long the API server takes to begin its answer.',
    labelNames: ['verb', 'host'],
    buckets: SECONDS,
    registers,
  })
  const lists = new Counter({
    name: 'reflector_lists_total',
    help: 'Full lists that a cache was filled from.',
    labelNames: ['resource'],
    registers,
  })
  const missed = new Counter({
    name: 'reflector_missed_total',
    help: 'Objects that a watch had missed when the cache was compared with a full list, once an hour.',
    labelNames: ['resource'],
    registers,
  })
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process holds the lease: 1 or 0.',
    labelNames: ['name'],
    registers,
  })
  return {
    requested(method, code, host, seconds) {
      requests.inc({ code, method, host })
      requestSeconds.observe({ verb: method, host }, seconds)
    },
    listed(resource) {
      lists.inc({ resource })
      // a counter that begins with its first event shows no increase
      missed.inc({ resource }, 0)
    },
    missed: (resource, objects) => missed.inc({ resource }, objects),
    leading: (name, holds) => leader.set({ name }, holds ? 1 : 0),
  }
}
