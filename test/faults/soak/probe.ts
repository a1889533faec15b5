import { heapStats } from 'bun:jsc'
import { readFileSync } from 'node:fs'

/** How long the allocator takes to give back what a collection has freed, at most. */
const SCAVENGE_MS = 500

const resident = () => Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

/** Loaded into a replica before its own code: at SIGUSR2 it collects its garbage and says what is left, on a line of its log. */
process.on('SIGUSR2', () => {
  Bun.gc(true)
  setTimeout(() => {
    const { heapSize: heap, heapCapacity: capacity, objectCount: objects } = heapStats()
    console.log(JSON.stringify({ msg: 'memory', rss: resident(), capacity, heap, objects }))
  }, SCAVENGE_MS)
})
