import { setTimeout as sleep } from 'node:timers/promises'
import { type Asked, startAudit } from './audit.ts'
import type { Benchmark, Effort, Measured } from './benchmark.ts'
import { each, endPod, runPod } from './pods.ts'
import { startRuns, untilPhases } from './runs.ts'
import type { World } from './world.ts'

/** Requests of the operator's for one-shot AgentJobs from creation to Succeeded, and while nothing happens. */
export const requests: Benchmark = {
  name: 'requests',
  about: "the operator's requests for a one-shot AgentJob and at rest, from the API server's audit log",
  async start(world, effort) {
    const asked = await startAudit(world)
    return () => round(world, effort, asked)
  },
}

const isLease = ({ resource }: Asked) => resource === 'leases'
const isEvent = ({ resource }: Asked) => resource === 'events'
const isReview = ({ resource }: Asked) => resource.endsWith('reviews')
const isWatch = ({ verb }: Asked) => verb === 'watch'
const isRead = ({ verb }: Asked) => verb === 'get' || verb === 'list'

async function round(world: World, effort: Effort, asked: () => Promise<Asked[]>): Promise<Measured[]> {
  const count = effort.quick ? 10 : 100
  const namespace = await world.namespace()
  await world.settled()
  await asked()
  const counted = await countedByItself(world)
  await runToTheEnd(world, namespace, count)
  const all = await asked()
  const itself = (await countedByItself(world)) - counted
  const ours = all.filter((one) => !isLease(one) && !isEvent(one) && !isReview(one) && !isWatch(one))
  await sleep(effort.restSeconds * 1000)
  const rest = (await asked()).filter((one) => !isWatch(one))
  const idle = rest.filter((one) => !isLease(one))
  const one = (name: string, value: number): Measured => ({ name, unit: 'requests', value })
  const kinds = [...new Set(ours.map(nameOf))].sort()
  return [
    one('for one AgentJob', ours.length / count),
    ...kinds.map((kind) => one(`… ${kind}`, ours.filter((asked) => nameOf(asked) === kind).length / count)),
    one('events for one AgentJob, apart', all.filter(isEvent).length / count),
    one('access reviews for one AgentJob, apart', all.filter(isReview).length / count),
    one('reads while 100 run', ours.filter(isRead).length),
    one('all meanwhile, by the audit log', all.length),
    one("all meanwhile, by the operator's own metrics", itself),
    one('at rest', idle.length),
    ...[...new Set(idle.map(nameOf))].map((kind) =>
      one(`… ${kind}`, idle.filter((asked) => nameOf(asked) === kind).length),
    ),
    one('at rest, the lease, a minute', (rest.filter(isLease).length * 60) / effort.restSeconds),
  ]
}

const nameOf = ({ verb, resource }: Asked) => `${verb} ${resource}`

/** Each phase of each is there long enough to be told of. */
async function runToTheEnd(world: World, namespace: string, count: number): Promise<void> {
  const pods = await startRuns(world, namespace, count)
  await untilPhases(world, ['Pending'], count, namespace)
  await each(pods, 4, (pod) => runPod(world.client, namespace, pod))
  await untilPhases(world, ['Running'], count, namespace)
  await each(pods, 4, (pod) => endPod(world.client, namespace, pod))
  await untilPhases(world, ['Succeeded'], count, namespace)
}

async function countedByItself({ operator }: World): Promise<number> {
  const text = await (await fetch(`${operator.health}/metrics`)).text()
  const values = [...text.matchAll(/^rest_client_requests_total\{[^}]*\} (\d+)$/gm)].map(([, value]) => Number(value))
  return values.reduce((sum, value) => sum + value, 0)
}
