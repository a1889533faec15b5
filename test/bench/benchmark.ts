import type { World } from './world.ts'

/** How much is done: `quick` is for trying a benchmark, its figures mean nothing. */
export interface Effort {
  quick: boolean
  rounds: number
  /** How many AgentJobs there are, for the benchmarks that look at each size. */
  sizes: number[]
  /** How long something at rest is looked at. */
  restSeconds: number
}

export type Unit = 'ms' | 's' | 'µs' | '×' | '/s' | 'MB' | 'millicores' | 'requests' | 'errors' | 'certificates'

/** What one round has found out. */
export interface Measured {
  /** What of the benchmark; targets name it. */
  name: string
  unit: Unit
  value: number
  /** With how many AgentJobs. */
  size?: number
}

/** One round of a benchmark: whatever it compares is measured in turn, so that a slow minute is slow for both. */
export type Round = () => Promise<Measured[]>

/** A benchmark that needs nothing but itself. */
export interface PureBenchmark {
  name: string
  about: string
  start(effort: Effort): Promise<Round>
}

/** A benchmark on a control plane. */
export interface Benchmark {
  name: string
  about: string
  /** Prepares what all rounds need. */
  start(world: World, effort: Effort): Promise<Round>
}

/** A benchmark that is repeated with more and more AgentJobs around; they are there before it starts. */
export interface SizedBenchmark {
  name: string
  about: string
  startAt(size: number, world: World, effort: Effort): Promise<Round>
}
