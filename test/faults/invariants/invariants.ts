import { checkChildren } from './children.ts'
import { checkExpansions } from './expansions.ts'
import type { Observation } from './observation.ts'
import { checkRuns } from './runs.ts'
import { checkStatus } from './status.ts'
import { checkStrangers } from './strangers.ts'

/** What is wrong with a namespace in which everything should have come to rest; nothing, where all invariants hold. */
export const violations = async (o: Observation): Promise<string[]> => [
  ...checkRuns(o),
  ...(await checkExpansions(o)),
  ...checkChildren(o),
  ...checkStatus(o),
  ...checkStrangers(o),
]
