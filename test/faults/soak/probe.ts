import { heapStats } from 'bun:jsc'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A collection takes what is on the stack for alive, and all that hangs on it: of some, the least is nearest to what lives. */
const COLLECTIONS = 3
const BETWEEN_MS = 100
/** How long the allocator takes to give back what a collection has freed, at most. */
const SCAVENGE_MS = 500

const resident = () => Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

function collected() {
  Bun.gc(true)
  return heapStats()
}

/** Loaded into a replica before its own code: at SIGUSR2 it collects its garbage and says what is left, on a line of its log. */
process.on('SIGUSR2', async () => {
  let least = collected()
  for (let n = 1; n < COLLECTIONS; n++) {
    await sleep(BETWEEN_MS)
    const now = collected()
    if (now.heapSize < least.heapSize) least = now
  }
  await sleep(SCAVENGE_MS)
  const { heapSize: heap, heapCapacity: capacity, objectCount: objects } = least
  console.log(JSON.stringify({ msg: 'memory', rss: resident(), capacity, heap, objects }))
})
