import { create } from './create.ts'
import { expand } from './expand.ts'
import type { Suite } from './run.ts'
import { sharedruntime } from './sharedruntime.ts'
import { terminal } from './terminal.ts'

/** All benchmarks, in the order in which they run. */
export const SUITE: Suite = {
  benchmarks: [expand, create, terminal, sharedruntime],
  sized: [],
}
