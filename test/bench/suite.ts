import { admission } from './admission.ts'
import { coldstart } from './coldstart.ts'
import { create } from './create.ts'
import { expand } from './expand.ts'
import { growth } from './growth.ts'
import { memory } from './memory.ts'
import { requests } from './requests.ts'
import type { Suite } from './run.ts'
import { sharedruntime } from './sharedruntime.ts'
import { terminal } from './terminal.ts'
import { webhook } from './webhook.ts'

/** All benchmarks, in the order in which they run; `requests` leaves an API server that writes an audit log. */
export const SUITE: Suite = {
  pure: [expand],
  benchmarks: [create, admission, webhook, terminal, sharedruntime, requests],
  sized: [memory, coldstart, growth],
}
