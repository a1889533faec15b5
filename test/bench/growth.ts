import type { SizedBenchmark } from './benchmark.ts'
import { oneByOne } from './create.ts'

/** The benchmark `create`, one by one, with more and more AgentJobs around. */
export const growth: SizedBenchmark = {
  name: 'growth',
  about: 'the same as create, one by one, with more and more AgentJobs around',
  async startAt(_size, world, effort) {
    return () => oneByOne(world, effort.quick ? 20 : 100)
  },
}
