import { checkChildren } from './children.ts'
import { checkExpansions } from './expansions.ts'
import type { Observation } from './observation.ts'
import { checkRuns } from './runs.ts'
import { checkStatus } from './status.ts'
import { checkStrangers } from './strangers.ts'

const INVARIANTS: ((o: Observation) => string[] | Promise<string[]>)[] = [
  checkRuns,
  checkStatus,
  checkChildren,
  checkExpansions,
  checkStrangers,
]

/** What is wrong with a namespace in which everything should have come to rest; nothing, where all invariants hold. */
export const violations = async (o: Observation): Promise<string[]> =>
  (await Promise.all(INVARIANTS.map((check) => check(o)))).flat()

/** Whether anything is, which is less work to say. */
export async function isViolated(o: Observation): Promise<boolean> {
  for (const check of INVARIANTS) if ((await check(o)).length) return true
  return false
}
