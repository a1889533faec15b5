import { type Fault, generateFaults } from './faults.ts'
import { type Life, RUNTIME, type Step } from './lives.ts'
import { PLANS } from './plans.ts'
import { createRandom } from './random.ts'

/** Twenty or more AgentJobs, what users do to them, and what goes wrong meanwhile. */
export interface Schedule {
  seed: number
  lives: (Life & { plan: string })[]
  /** What happens to the AgentRuntime that all of them share. */
  runtime: Step[]
  faults: Fault[]
}

/** How many schedules run side by side: all are kept busy, and nobody waits for another one's lease. */
export const SIDE_BY_SIDE = 4

/** The seeds that run together with this one, itself included; always the same. */
export const roundOf = (seed: number): number[] =>
  Array.from({ length: SIDE_BY_SIDE }, (_, n) => seed - (seed % SIDE_BY_SIDE) + n)

/** Within which users act and faults begin. */
export const WINDOW_MS = 1500

/** The schedule of a seed; the same one each time. */
export function generate(seed: number): Schedule {
  const random = createRandom(seed)
  const at = () => random.int(0, WINDOW_MS)
  const plans = Object.keys(PLANS)
  const more = Array.from({ length: random.int(0, 2) }, () => random.pick(plans))
  const lives = random.shuffled([...plans, 'cleaned up', 'cleaned up', ...more]).map((plan, index) => {
    const name = `${plan.replace(/[^a-z]+/g, '-')}-${index}`
    return { name, plan, ...PLANS[plan]!({ name, random, at }) }
  })
  const image = (): Step => {
    const content = `image:${random.int(0, 9999)}`
    return { atMs: at(), kind: 'reference', reference: 'AgentRuntime', name: RUNTIME, content }
  }
  const runtime = Array.from({ length: random.int(0, 2) }, image)
  // of the whole round: what ends the lease of one schedule's leader ends that of all
  const leadersChange = (roundOf(seed)[0]! / SIDE_BY_SIDE) % 2 === 1
  return { seed, lives, runtime, faults: generateFaults(random, WINDOW_MS, { leadersChange }) }
}
