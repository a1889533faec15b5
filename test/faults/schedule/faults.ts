import type { LinkFault, RequestFault, TrafficFault, WatchFault } from '../proxy/faults.ts'
import type { Match } from '../proxy/traffic.ts'
import type { Random } from './random.ts'

/** Which replica: by the part that it plays at that moment, or the one that is a webhook alone. */
export type Target = 'leader' | 'follower' | 'webhook'

/** What can happen to a replica's process. */
export type ProcessFault =
  /** SIGKILL; it is started again at once, as a kubelet would. */
  | { kind: 'kill' }
  /** SIGTERM; the same. */
  | { kind: 'restart' }
  /** SIGSTOP, and SIGCONT after a while. */
  | { kind: 'freeze'; ms: number }

/** What somebody does to the Secret of the webhook's certificate, or to the caBundle that goes with it. */
export type CertificateFault =
  /** A good new one, as another replica would write it. */
  | 'renewed'
  /** One that is due for renewal, or past its end. */
  | 'aged'
  | 'expired'
  /** The key is cut off in the middle. */
  | 'half-written'
  | 'deleted'
  | 'ca-bundle-emptied'

/** A fault at its time, in milliseconds from the start of its schedule. */
export type Fault = { atMs: number } & (
  | { target: Target; traffic: TrafficFault }
  | { target: Target; process: ProcessFault }
  | { certificate: CertificateFault }
  | { component: 'kube-apiserver' | 'etcd' }
)

/** Of schedules, how many see the API server or etcd crash: each takes seconds. */
const API_SERVER_CRASHES = 0.04
const ETCD_CRASHES = 0.02
const PROCESS_FAULTS = 0.5
const SUCCESSORS_BEHIND = 0.3
const CERTIFICATES = 0.2

/**
 * 10 to 14 faults within `windowMs`. A new leader looks at everything anew, which heals what the last one forgot: so
 * there are schedules in which nothing makes a leader give up its lease.
 */
export function generateFaults(
  random: Random,
  windowMs: number,
  { leadersChange }: { leadersChange: boolean },
): Fault[] {
  const faults: Fault[] = []
  const atMs = () => random.int(0, windowMs)
  if (random.chance(CERTIFICATES)) faults.push({ atMs: atMs(), certificate: random.pick(CERTIFICATE_FAULTS) })
  if (leadersChange) {
    const processFaults = random.chance(PROCESS_FAULTS) ? random.int(1, 2) : 0
    for (let n = 0; n < processFaults; n++)
      faults.push({ atMs: atMs(), target: targetOf(random), process: processFault(random) })
    if (random.chance(SUCCESSORS_BEHIND)) faults.push(...successorBehind(random, windowMs))
    if (random.chance(API_SERVER_CRASHES)) faults.push({ atMs: atMs(), component: 'kube-apiserver' })
    if (random.chance(ETCD_CRASHES)) faults.push({ atMs: atMs(), component: 'etcd' })
  }
  const all = random.int(10, 14)
  while (faults.length < all)
    faults.push({ atMs: atMs(), target: targetOf(random), traffic: trafficFault(random, leadersChange) })
  return faults.sort((a, b) => a.atMs - b.atMs)
}

/** A leader gives up its lease, and the one who takes it does not know yet what was done last. */
function successorBehind(random: Random, windowMs: number): Fault[] {
  const atMs = random.int(0, windowMs - 500)
  const match = { plural: random.pick(['agentjobs', 'agentjobs', 'jobs']) }
  return [
    { atMs, target: 'follower', traffic: { on: 'watch', match, fault: { kind: 'stall', ms: 1500 } } },
    { atMs: atMs + random.int(100, 500), target: 'leader', process: { kind: 'restart' } },
  ]
}

const CERTIFICATE_FAULTS = ['renewed', 'aged', 'expired', 'half-written', 'deleted', 'ca-bundle-emptied'] as const

/** Most of what can go wrong can go wrong with the leader. */
const targetOf = (random: Random): Target => random.pick(['leader', 'leader', 'leader', 'follower', 'webhook'])

function processFault(random: Random): ProcessFault {
  const kind = random.pick(['kill', 'kill', 'restart', 'freeze'] as const)
  return kind === 'freeze' ? { kind, ms: random.pick([300, 800, 2500]) } : { kind }
}

function trafficFault(random: Random, leadersChange: boolean): TrafficFault {
  if (leadersChange && random.chance(0.1)) return { on: 'link', fault: linkFault(random) }
  const on = random.pick(['request', 'request', 'request', 'watch', 'watch'] as const)
  if (on === 'watch') return { on, match: { plural: random.pick(WATCHED) }, fault: watchFault(random) }
  const match = random.pick(leadersChange ? [...MATCHES, ...OF_LEASES] : MATCHES)
  return { on, match, times: random.int(1, 8), fault: requestFault(random) }
}

const WATCHED = [undefined, 'agentjobs', 'agentjobs', 'jobs', 'jobs', 'pods', 'cronjobs', 'agentruntimes', 'agentroles']
/** A lease is renewed by an update, and read by who wants it: none of these keeps a leader from it. */
const MATCHES: Match[] = [
  { verbs: ['create', 'patch', 'delete'] },
  { verbs: ['create'], plural: 'jobs' },
  { verbs: ['create'], plural: 'jobs' },
  { verbs: ['patch'] },
  { verbs: ['patch'], plural: 'agentjobs' },
  { verbs: ['list', 'watch'] },
  { verbs: ['get'] },
]
const OF_LEASES: Match[] = [{ verbs: ['create', 'update', 'patch', 'delete'] }, { plural: 'leases' }, {}]

function requestFault(random: Random): RequestFault {
  const cut = random.pick(['fin', 'rst'] as const)
  const ms = random.int(20, 1200)
  const status = random.pick([410, 429, 500, 503, 504] as const)
  const retryAfter = status === 429 || random.chance(0.3) ? 1 : undefined
  return random.pick([
    { kind: 'late-request', ms },
    { kind: 'late-answer', ms },
    { kind: 'lost-request', cut },
    { kind: 'lost-answer', cut },
    { kind: 'lost-answer', cut },
    { kind: 'half-answer', cut },
    { kind: 'refused', status, retryAfter },
    { kind: 'misreported', status: random.pick([500, 504] as const) },
  ])
}

function watchFault(random: Random): WatchFault {
  const cut = random.pick(['fin', 'rst'] as const)
  const ms = random.int(50, 1000)
  return random.pick([
    { kind: 'cut', cut, midLine: random.chance(0.5) },
    { kind: 'gone' },
    { kind: 'lag', ms },
    { kind: 'stall', ms, cut: random.pick([undefined, cut]) },
    { kind: 'duplicate', events: random.int(1, 20) },
    { kind: 'swap', events: random.int(1, 20) },
  ])
}

const linkFault = (random: Random): LinkFault => ({
  kind: random.pick(['silence', 'outage'] as const),
  ms: random.int(100, 1500),
})
