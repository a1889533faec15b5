import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from './injector.ts'
import { atRest, comeToRest } from './rest.ts'
import { type Schedule, WINDOW_MS } from './schedule/schedule.ts'
import { settle, type Tenant } from './tenant.ts'
import { change, liveOut } from './users.ts'
import type { World } from './world.ts'

/** What came of one schedule. */
export interface Outcome {
  schedule: Schedule
  namespace: string
  /** Empty where all invariants hold. */
  violations: string[]
  /** What users did and what went wrong, in milliseconds from the start. */
  log: { atMs: number; what: string }[]
  /** How many AgentJobs there ever were, and how many Jobs. */
  agentJobs: number
  jobs: number
  /** From the end of the faults until everything had come to rest. */
  restMs: number
}

/** When the connections are whole again: late enough for what began last to have shown. */
const FAULTS_END_MS = WINDOW_MS + 500
/** Longer than whatever a round waits for; what has not ended by then never will. */
const ROUND_MS = 300_000
/** How long it may take from the end of the faults until everything is at rest: some back-offs last for half a minute. */
const REST_MS = 60_000

/**
 * Runs schedules side by side, each in a namespace of its own; the faults of each hit all. Ends when the faults are
 * over, everything has come to rest, and the invariants have been checked against the API server.
 */
export async function runRound(world: World, schedules: Schedule[]): Promise<Outcome[]> {
  let stage = 'the start'
  const limit = new AbortController()
  try {
    return await Promise.race([
      play(world, schedules, (next) => {
        stage = next
      }),
      sleep(ROUND_MS, undefined, { signal: limit.signal }).then(() => {
        const seeds = schedules.map(({ seed }) => seed).join(', ')
        throw new Error(`seeds ${seeds} did not get beyond ${stage} in ${ROUND_MS} ms`)
      }),
    ])
  } finally {
    limit.abort()
  }
}

async function play(world: World, schedules: Schedule[], reach: (stage: string) => void): Promise<Outcome[]> {
  const { client } = world
  const parts = schedules.map((schedule) => ({ schedule, namespace: `seed-${schedule.seed}` }))
  await Promise.all(parts.map(({ namespace }) => settle(client, namespace)))
  const startedAt = performance.now()
  const log: Outcome['log'] = []
  const note = (what: string) => void log.push({ atMs: Math.round(performance.now() - startedAt), what })
  world.onFault = (replica, what) => note(`${replica}: ${what}`)
  const tenants = parts.map(
    ({ namespace }): Tenant => ({ namespace, client, startedAt, strangers: [], complaints: [], note }),
  )
  const users = Promise.all(
    parts.flatMap(({ schedule }, index) => {
      const tenant = tenants[index]!
      const lives = schedule.lives.map((life) => {
        const named = (what: string) => note(`${tenant.namespace}/${life.name}: ${what}`)
        return liveOut(life, { ...tenant, note: named })
      })
      return [...lives, change(schedule.runtime, tenant)]
    }),
  )
  users.catch(() => {})
  const faults = Promise.all(
    schedules.map(({ faults }, index) =>
      inject(world, faults, { startedAt, note, complaints: tenants[index]!.complaints }),
    ),
  )
  await sleep(FAULTS_END_MS)
  for (const { proxy } of world.replicas) proxy.heal()
  // whoever was killed comes back, also the API server
  reach('the end of the faults')
  await faults
  reach('the start of what was killed')
  await Promise.all(world.replicas.map((replica) => replica.isUp()))
  for (const { proxy } of world.replicas) proxy.heal()
  note('the faults are over')
  reach('the last of what users do')
  await users
  reach('rest')
  const healedAt = performance.now()
  const outcomes = await Promise.all(
    tenants.map(async (tenant, index) => {
      const found = [...tenant.complaints, ...(await comeToRest(world, tenant, healedAt + REST_MS))]
      const { agentJobs, jobs } = world.mirror.history(tenant.namespace)
      const restMs = Math.round(performance.now() - healedAt)
      return { ...parts[index]!, violations: found, log, agentJobs: agentJobs.size, jobs: jobs.size, restMs }
    }),
  )
  const restless = await atRest(world, REST_MS)
  for (const outcome of outcomes) outcome.violations.push(...restless)
  return outcomes
}
