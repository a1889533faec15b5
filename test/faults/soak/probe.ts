import { heapStats } from 'bun:jsc'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** So long it takes until nothing runs any more, and compiled code can go. */
const IDLE_MS = 150
/** How long the allocator takes to give back what a collection has freed, at most. */
const SCAVENGE_MS = 500

const resident = () => Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

/**
 * Loaded into a replica before its own code: at SIGUSR2 it throws away its compiled code, collects its garbage and says
 * what is left, on a line of its log. Code is compiled and let go of as the engine likes, three megabytes of it: beside
 * that nobody would see what else grows.
 */
process.on('SIGUSR2', async () => {
  Bun.shrink()
  await sleep(IDLE_MS)
  Bun.gc(true)
  await sleep(SCAVENGE_MS)
  const { heapSize: heap, heapCapacity: capacity, objectCount: objects } = heapStats()
  console.log(JSON.stringify({ msg: 'memory', rss: resident(), capacity, heap, objects }))
})
