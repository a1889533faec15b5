import type { Progress } from '../cluster/progress.ts'
import type { Benchmark, Effort, Measured, PureBenchmark, Round, SizedBenchmark } from './benchmark.ts'
import { populate } from './population.ts'
import { type Figure, figuresOf } from './report.ts'
import { createWorld, type World } from './world.ts'

export interface Suite {
  pure: PureBenchmark[]
  benchmarks: Benchmark[]
  sized: SizedBenchmark[]
}

/** Runs the benchmarks of these names and gives their figures. */
export async function runAll(suite: Suite, names: string[], effort: Effort, progress: Progress): Promise<Figure[]> {
  const pure = suite.pure.filter(({ name }) => names.includes(name))
  const plain = suite.benchmarks.filter(({ name }) => names.includes(name))
  const sized = suite.sized.filter(({ name }) => names.includes(name))
  return [
    ...(await runPure(pure, effort, progress)),
    ...(plain.length ? await inWorld(progress, (world) => runPlain(plain, world, effort)) : []),
    // in a world of their own: what the others left behind must not count
    ...(sized.length ? await inWorld(progress, (world) => runSized(sized, world, effort)) : []),
  ]
}

async function inWorld<T>(progress: Progress, work: (world: World) => Promise<T>): Promise<T> {
  const world = await createWorld(progress)
  try {
    return await work(world)
  } finally {
    await world.close()
  }
}

async function runPure(benchmarks: PureBenchmark[], effort: Effort, progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { name, start } of benchmarks)
    figures.push(...figuresOf(name, await repeat(await start(effort), name, effort, progress)))
  return figures
}

async function runPlain(benchmarks: Benchmark[], world: World, effort: Effort): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const benchmark of benchmarks) {
    const round = await benchmark.start(world, effort)
    figures.push(...figuresOf(benchmark.name, await repeat(round, benchmark.name, effort, world.progress)))
  }
  return figures
}

async function runSized(benchmarks: SizedBenchmark[], world: World, effort: Effort): Promise<Figure[]> {
  const measured = new Map<string, Measured[][]>(benchmarks.map(({ name }) => [name, []]))
  for (const size of effort.sizes) {
    await populate(world, size)
    for (const { name, startAt } of benchmarks) {
      const round = await startAt(size, world, effort)
      const rounds = await repeat(round, `${name} with ${size} AgentJobs`, effort, world.progress)
      measured.get(name)?.push(...rounds.map((round) => round.map((one) => ({ ...one, size }))))
    }
  }
  return [...measured].flatMap(([name, rounds]) => figuresOf(name, rounds))
}

async function repeat(round: Round, what: string, { rounds }: Effort, progress: Progress): Promise<Measured[][]> {
  const all: Measured[][] = []
  for (let i = 1; i <= rounds; i++) {
    progress(`${what}: round ${i} of ${rounds}`)
    all.push(await round())
  }
  return all
}
