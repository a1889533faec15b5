import { create } from './create.ts'
import type { Suite } from './run.ts'

/** All benchmarks, in the order in which they run. */
export const SUITE: Suite = {
  benchmarks: [create],
  sized: [],
}
