import { heapStats } from 'bun:jsc'

/** Loaded into a replica before its own code: at SIGUSR2 it collects its garbage and says what is left, on a line of its log. */
process.on('SIGUSR2', () => {
  Bun.gc(true)
  const { heapSize, objectCount } = heapStats()
  console.log(JSON.stringify({ msg: 'memory', rss: process.memoryUsage.rss(), heap: heapSize, objects: objectCount }))
})
