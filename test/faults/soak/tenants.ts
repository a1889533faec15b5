import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT_JOB, JOB } from '../../../src/controller/types.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { resourceType } from '../objects.ts'
import type { Life } from '../schedule/lives.ts'
import { PLANS } from '../schedule/plans.ts'
import { createRandom } from '../schedule/random.ts'
import { WINDOW_MS } from '../schedule/schedule.ts'
import type { Tenant } from '../tenant.ts'
import { liveOut } from '../users.ts'

/** So that Jobs are collected while the AgentJob is still there; longer than a leader is away. */
const TTL_SECONDS = 20
const LIFETIME_MS = 90_000

/** The n-th AgentJob of a soak. */
export function lifeOf(n: number): Life {
  const random = createRandom(n)
  const plan = random.pick(Object.keys(PLANS))
  const name = `${plan.replace(/[^a-z]+/g, '-')}-${n}`
  const life = { name, ...PLANS[plan]!({ name, random, at: () => random.int(0, WINDOW_MS) }) }
  return { ...life, name, spec: { ...life.spec, ttlSecondsAfterFinished: TTL_SECONDS } }
}

/** Lets an AgentJob live, and a while later deletes it and all that its user had for it. */
export async function comeAndGo(life: Life, tenant: Tenant, signal: AbortSignal): Promise<void> {
  await liveOut(life, tenant)
  await sleep(LIFETIME_MS, undefined, { signal }).catch(() => {})
  if (signal.aborted) return
  const { client, namespace } = tenant
  const gone = [
    () => client.delete(AGENT_JOB, { namespace, name: life.name }),
    () => client.delete(resourceType('AgentRole'), { namespace, name: `role-of-${life.name}` }),
    ...tenant.strangers
      .filter(({ metadata }) => metadata.name?.startsWith(`${life.name}-`))
      .map(({ metadata }) => async () => {
        tenant.strangers.splice(
          tenant.strangers.findIndex((stranger) => stranger.metadata.uid === metadata.uid),
          1,
        )
        await client.delete(JOB, { namespace, name: metadata.name ?? '' }, { uid: metadata.uid })
      }),
  ]
  for (const remove of gone) await persist(remove)
}

async function persist(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (isNotFound(error)) return
      await sleep(100)
    }
  }
}
