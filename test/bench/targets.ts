/** What a figure's median over the rounds has to be. */
export type Target = { atMost: number } | { atLeast: number }

/** By benchmark and figure; where a figure has sizes, each of them has to reach it unless one is named with `@`. */
export const TARGETS: Record<string, Target> = {
  'create/AgentJob : bare Job, one by one': { atMost: 3.2 },
  'create/AgentJob : bare Job, many at once': { atMost: 4 },
  'admission/added by the webhook, p50': { atMost: 2 },
  'admission/errors while certificates rotate': { atMost: 0 },
  'terminal/Job finished → AgentJob terminal, p50': { atMost: 15 },
  'expand/expansions': { atLeast: 20_000 },
  'expand/expansions with full contexts': { atLeast: 1000 },
  'memory/RSS, as it has grown@10000': { atMost: 150 },
  'memory/RSS, after a restart@10000': { atMost: 150 },
  'requests/for one AgentJob': { atMost: 4 },
  'requests/reads while 100 run': { atMost: 0 },
  'requests/at rest': { atMost: 0 },
  'coldstart/exec → ready@0': { atMost: 0.5 },
  'coldstart/exec → ready@10000': { atMost: 3 },
}

/** What should have been measured in these benchmarks, with these numbers of AgentJobs, and is not among the figures. */
export const unmeasured = (
  benchmarks: string[],
  sizes: number[],
  figures: { benchmark: string; name: string; size?: number }[],
): string[] =>
  Object.keys(TARGETS).filter((key) => {
    const [, benchmark = '', name, size] = /^([^/]+)\/([^@]+)(?:@(\d+))?$/.exec(key) ?? []
    const wanted = benchmarks.includes(benchmark) && (size === undefined || sizes.includes(Number(size)))
    const isIt = (figure: { benchmark: string; name: string; size?: number }) =>
      figure.benchmark === benchmark && figure.name === name && (size === undefined || figure.size === Number(size))
    return wanted && !figures.some(isIt)
  })

/** The target of a figure, if it has one. */
export const targetOf = (benchmark: string, name: string, size?: number): Target | undefined =>
  TARGETS[`${benchmark}/${name}@${size}`] ?? TARGETS[`${benchmark}/${name}`]

/** Whether a value reaches a target. */
export const reaches = (target: Target, value: number): boolean =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast
