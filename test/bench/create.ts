import type { Expansion } from '../../src/api/expansion.ts'
import { AGENT_JOB } from '../../src/controller/types.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { running } from '../cluster/processes.ts'
import type { Benchmark, Measured } from './benchmark.ts'
import { flawless, type LoadReport, p50, p99 } from './load.ts'
import { agentJob, PLACEHOLDER } from './objects.ts'
import { cpuSeconds } from './usage.ts'
import { agentJobs, jobs, type World } from './world.ts'

/** From the POST of an AgentJob to its Job on a watch, beside a Job that somebody posts himself. */
export const create: Benchmark = {
  name: 'create',
  about: 'from POST to the Job on a watch: an AgentJob beside the same Job posted by hand',
  async start(world, effort) {
    const [one, many] = effort.quick ? [20, 50] : [100, 500]
    return async () => [...(await oneByOne(world, one)), ...(await manyAtOnce(world, many))]
  },
}

/** Long enough for status and events of one to be written before the next. */
const PAUSE_MS = 50

/** One at a time: the next is posted a little after the Job of the one before was seen. */
export async function oneByOne(world: World, count: number): Promise<Measured[]> {
  const [bare, ours] = await sideBySide(world, { count, clients: 1, wait: true, pauseMs: PAUSE_MS })
  const ms = (name: string, value: number): Measured => ({ name, unit: 'ms', value })
  return [
    ms('bare Job, one by one, p50', p50(bare.seen)),
    ms('bare Job, one by one, p99', p99(bare.seen)),
    ms('AgentJob, one by one, p50', p50(ours.seen)),
    ms('AgentJob, one by one, p99', p99(ours.seen)),
    ms('bare Job, its POST alone, p50', p50(bare.answered.flat())),
    ms('AgentJob, its POST alone, p50', p50(ours.answered.flat())),
    { name: 'AgentJob : bare Job, one by one', unit: '×', value: p50(ours.seen) / p50(bare.seen) },
  ]
}

/** From 20 clients, each of which posts as fast as it is answered, until all Jobs are there. */
async function manyAtOnce(world: World, count: number): Promise<Measured[]> {
  const [bare, ours] = await sideBySide(world, { count, clients: 20 })
  return [
    { name: `${count} bare Jobs from 20 clients`, unit: 's', value: bare.seconds },
    { name: `${count} AgentJobs from 20 clients`, unit: 's', value: ours.seconds },
    { name: 'AgentJob : bare Job, many at once', unit: '×', value: ours.seconds / bare.seconds },
    ...cpuOf('a bare Job', bare, count),
    ...cpuOf('an AgentJob', ours, count),
  ]
}

/** Whatever else the machine is busy with, this says who has the work; with all that follows a Job, its pod for one. */
const cpuOf = (what: string, { cpu }: Posted, count: number): Measured[] => [
  { name: `CPU time for ${what}, API server and etcd`, unit: 'ms', value: (cpu.apiServer / count) * 1000 },
  { name: `CPU time for ${what}, operator`, unit: 'ms', value: (cpu.operator / count) * 1000 },
]

interface Cpu {
  apiServer: number
  operator: number
}

type Posted = LoadReport & { cpu: Cpu }

async function sideBySide(
  world: World,
  o: { count: number; clients: number; wait?: boolean; pauseMs?: number },
): Promise<[Posted, Posted]> {
  const post = async (body: (namespace: string) => Promise<object>, path: (namespace: string) => string) => {
    const namespace = await world.namespace()
    const targets = [{ path: path(namespace), body: await body(namespace) }]
    await world.settled()
    const before = await cpuSoFar(world)
    const report = await flawless(world.load({ ...o, targets, prefix: 'run', watch: jobs(namespace) }))
    await world.settled()
    const after = await cpuSoFar(world)
    const cpu = { apiServer: after.apiServer - before.apiServer, operator: after.operator - before.operator }
    return { ...report, cpu }
  }
  return [
    await post((namespace) => bareJob(world, namespace), jobs),
    await post(async () => agentJob(PLACEHOLDER), agentJobs),
  ]
}

/** In seconds. */
async function cpuSoFar({ cluster, operator }: World): Promise<Cpu> {
  const pids = await running(cluster.dir)
  const servers = ['kube-apiserver', 'etcd'].map((name) => pids.get(name) as number)
  return { apiServer: cpuSeconds(servers), operator: cpuSeconds([operator.pid]) }
}

/**
 * The very Job that the expansion of such an AgentJob holds, but for its name and for the label by which the operator
 * would take it for one of its own, and have work with it.
 */
async function bareJob({ client }: World, namespace: string): Promise<object> {
  const written = { ...agentJob(PLACEHOLDER), metadata: { name: PLACEHOLDER, namespace } }
  const { expansion } = await client.create<KubeObject>(AGENT_JOB, written, { dryRun: true })
  const job = (expansion as Expansion).resources.find(({ kind }) => kind === 'Job')
  const text = JSON.stringify({ ...job, metadata: { ...job?.metadata, name: PLACEHOLDER } })
  return JSON.parse(
    text.replaceAll('"app.kubernetes.io/managed-by":"agentjob"', '"app.kubernetes.io/managed-by":"bench"'),
  )
}
