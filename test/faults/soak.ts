import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { duration } from '../cluster/progress.ts'
import { inject } from './injector.ts'
import { comeToRest } from './rest.ts'
import { type Fault, generateFaults } from './schedule/faults.ts'
import { createRandom } from './schedule/random.ts'
import { growthOf, plotOf, QUANTITIES, ROLES, type Sample, sample } from './soak/samples.ts'
import { comeAndGo, lifeOf } from './soak/tenants.ts'
import { settle, type Tenant } from './tenant.ts'
import { createWorld, LEASE_SECONDS, type World } from './world.ts'

const CLUSTER = 'soak'
const NAMESPACE = 'soak'
/** 30 a minute. */
const EVERY_MS = 2000
/** Faults come in bursts, with a moment of peace after each in which the replicas are measured. */
const BURST_MS = 10_000
const FAULTS_MS = 8000
const REST_MS = 120_000
/** Every so many bursts the leader is frozen until another one leads: soon both have led, and are as large as that makes them. */
const BURSTS_LED = 18
/** What lives may grow by so much in the last half hour. */
const MOST_GROWTH = 1e6

const HELP = `
30 AgentJobs a minute, of every kind, each there for a minute and a half, with 10 to 14 faults every 10 seconds. No
replica is killed: what is measured is how its memory grows. Each is asked every 10 seconds, after it has let go of
garbage and compiled code, for its resident memory and its heap; every 3 minutes another one leads. In the end all
invariants have to hold, and no heap may have grown by a megabyte in the last half hour.`

/** So that there is a first third and a last, with each role in both. */
const LEAST_MINUTES = 5

function minutes(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= LEAST_MINUTES) return value
  throw new InvalidArgumentError(`must be a number of minutes, ${LEAST_MINUTES} or more.`)
}

async function soak(minutes: number, output: string): Promise<boolean> {
  await mkdir(dirname(output), { recursive: true })
  const env = { BUN_OPTIONS: `--preload ${join(import.meta.dirname, 'soak', 'probe.ts')}` }
  const world = await createWorld({ name: CLUSTER, env, progress: (line) => console.error(`  ${line}`) })
  await settle(world.client, NAMESPACE)
  const startedAt = performance.now()
  const end = new AbortController()
  const tenant: Tenant = {
    namespace: NAMESPACE,
    client: world.client,
    startedAt,
    strangers: [],
    complaints: [],
    note() {},
  }
  const users = createAgentJobs(tenant, end.signal)
  const samples: Sample[] = []
  for (let burst = 0; performance.now() < startedAt + minutes * 60_000; burst++) {
    await suffer(world, burst, tenant)
    samples.push(await sample(world, NAMESPACE, Math.round((performance.now() - startedAt) / 1000)))
    await writeFile(output, JSON.stringify({ minutes, samples }))
    if (burst % 6 === 0) console.error(lineOf(samples))
    await sleep(Math.max(0, startedAt + (burst + 1) * BURST_MS - performance.now()))
  }
  end.abort()
  await users
  const violations = [...tenant.complaints, ...(await comeToRest(world, tenant, performance.now() + REST_MS))]
  const growth = Object.fromEntries(QUANTITIES.map((what) => [what, growthOf(samples, what)]))
  const plots = [plotOf(samples, 'rss'), plotOf(samples, 'heap')]
  await writeFile(output, JSON.stringify({ minutes, growth, violations, plots, samples }))
  for (const what of violations) console.error(`  ${what}`)
  console.error(`${violations.length} violations; growth in the last half hour, or the second half, bytes:`)
  for (const what of QUANTITIES) console.error(`  ${what} ${JSON.stringify(growth[what])}`)
  await world.close()
  // who was never heard of has not been shown to stay small
  const isSmall = ROLES.every((role) => (growth.heap?.[role] ?? Number.POSITIVE_INFINITY) < MOST_GROWTH)
  return violations.length === 0 && isSmall
}

async function createAgentJobs(tenant: Tenant, signal: AbortSignal): Promise<void> {
  const lives: Promise<void>[] = []
  for (let n = 0; !signal.aborted; n++) {
    lives.push(comeAndGo(lifeOf(n), { ...tenant, startedAt: performance.now() }, signal))
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {})
  }
  await Promise.all(lives)
}

/** A burst of faults, and its end. */
async function suffer(world: World, burst: number, { complaints }: Tenant): Promise<void> {
  const faults = generateFaults(createRandom(burst), FAULTS_MS, { leadersChange: burst % 2 === 1 }).filter(spares)
  const startedAt = performance.now()
  const changes = burst % BURSTS_LED === BURSTS_LED - 1 ? [LEADER_FROZEN] : []
  const over = inject(world, [...changes, ...faults], { startedAt, note() {}, complaints })
  await sleep(FAULTS_MS)
  for (const { proxy } of world.replicas) proxy.heal()
  await over
  for (const { proxy } of world.replicas) proxy.heal()
}

const LEADER_FROZEN: Fault = {
  atMs: 0,
  target: 'leader',
  process: { kind: 'freeze', ms: (LEASE_SECONDS + 2) * 1000 },
}

/** A process that has ended has no memory to grow. */
const spares = (fault: Fault) => !('process' in fault) || fault.process.kind === 'freeze'

function lineOf(samples: Sample[]): string {
  const { at, agentJobs, jobs, replicas } = samples.at(-1)!
  const sizes = Object.entries(replicas).map(([name, { rss, heap }]) => `${name} ${mb(rss)}, heap ${mb(heap)}`)
  return `${duration(at * 1000)}: ${agentJobs} AgentJobs, ${jobs} Jobs; ${sizes.join('; ')}`
}

const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

const { minutes: asked, output } = new Command('npm run soak --')
  .description('faults for a long time: does the operator stay as small as it is, and right?')
  .option('--minutes <n>', 'how long', minutes, 60)
  .option('-o, --output <file>', 'where the samples go (JSON)', 'dist/soak.json')
  .addHelpText('after', HELP)
  .parse()
  .opts<{ minutes: number; output: string }>()
process.exit((await soak(asked, output)) ? 0 : 1)
