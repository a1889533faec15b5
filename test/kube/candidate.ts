/**
 * A candidate in a process of its own: `candidate.ts NAMESPACE LEASE IDENTITY`. Prints "leading IDENTITY" and "stopped
 * IDENTITY"; SIGTERM shuts it down in order.
 */
import { startElection } from '../../src/kube/lease.ts'
import { connectClient } from './apiserver.ts'
import { memoryLog } from './scripted.ts'

const [namespace = '', name = '', identity = ''] = process.argv.slice(2)
const controller = new AbortController()
process.on('SIGTERM', () => controller.abort())
await startElection({
  client: connectClient(),
  namespace,
  name,
  identity,
  leaseDurationMs: 3000,
  renewDeadlineMs: 2000,
  retryPeriodMs: 200,
  now: Date.now,
  signal: controller.signal,
  log: memoryLog(),
  onStarted(leader) {
    console.log(`leading ${identity}`)
    leader.addEventListener('abort', () => console.log(`stopped ${identity}`))
  },
})
process.exit(0)
