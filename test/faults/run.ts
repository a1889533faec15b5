import type { Progress } from '../cluster/progress.ts'
import { checkWhatRan } from './invariants/runs.ts'
import { type Outcome, runRound } from './round.ts'
import { generate, roundOf, SIDE_BY_SIDE } from './schedule/schedule.ts'
import { createWorld, type World } from './world.ts'

/** After how many schedules a fresh cluster is cheaper than to go on with all that they left behind. */
const FRESH_AFTER = 100

/**
 * Runs `count` schedules, in whole rounds, on clusters of that name; gives the outcomes of one round after the other.
 * The last outcome of a cluster tells also what went wrong there later: a Job too many need not come at once.
 */
export async function* run(o: {
  name: string
  from: number
  count: number
  progress: Progress
}): AsyncGenerator<{ world: World; outcomes: Outcome[] }, undefined> {
  const [first, last] = [roundOf(o.from)[0]!, roundOf(o.from + o.count - 1)[0]!]
  let world: World | undefined
  const closed = async () => world?.close()
  try {
    for (let seed = first; seed <= last; seed += SIDE_BY_SIDE) {
      world ??= await createWorld(o)
      const outcomes = await runRound(world, roundOf(seed).map(generate))
      const isLast = seed === last || (seed - first + SIDE_BY_SIDE) % FRESH_AFTER === 0
      if (isLast) outcomes.at(-1)!.violations.push(...later(world))
      yield { world, outcomes }
      if (!isLast) continue
      await closed()
      world = undefined
    }
  } finally {
    await closed()
  }
}

/** What ran on a cluster that should not have, whenever it did. */
const later = ({ mirror, created }: World): string[] =>
  mirror.namespaces().flatMap((namespace) =>
    checkWhatRan({
      history: mirror.history(namespace),
      created: created.filter(({ metadata }) => metadata.namespace === namespace),
    }).map((what) => `later, in ${namespace}: ${what}`),
  )
