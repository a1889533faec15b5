import { setTimeout as sleep } from 'node:timers/promises'
import type { Effort, Measured, SizedBenchmark } from './benchmark.ts'
import { cpuSeconds, memoryOf } from './usage.ts'
import type { World } from './world.ts'

/** What the operator holds and does while nothing happens: the process that has seen all come, and one started later. */
export const memory: SizedBenchmark = {
  name: 'memory',
  about: 'RSS and CPU of the operator at rest, as it has grown and after a restart',
  async startAt(_size, world, effort) {
    let grown = true
    return async () => {
      const measured = grown ? await atRest(world, effort, 'as it has grown') : []
      grown = false
      await world.restart()
      return [...measured, ...(await atRest(world, effort, 'after a restart'))]
    }
  },
}

async function atRest(world: World, { restSeconds }: Effort, when: string): Promise<Measured[]> {
  await world.settled()
  const { pid } = world.operator
  const before = cpuSeconds([pid])
  await sleep(restSeconds * 1000)
  const cpu = cpuSeconds([pid]) - before
  const { rss, anonymous, peak } = memoryOf(pid)
  return [
    { name: `RSS, ${when}`, unit: 'MB', value: rss },
    { name: `RSS without mapped files, ${when}`, unit: 'MB', value: anonymous },
    { name: `highest RSS so far, ${when}`, unit: 'MB', value: peak },
    { name: `CPU, ${when}`, unit: 'millicores', value: (cpu / restSeconds) * 1000 },
  ]
}
