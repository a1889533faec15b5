import { Command, InvalidArgumentError, Option } from 'commander'
import { duration } from '../cluster/progress.ts'
import { runMutants } from './mutants.ts'
import { report } from './report.ts'
import type { Outcome } from './round.ts'
import { run } from './run.ts'
import { roundOf } from './schedule/schedule.ts'

/** Name of the cluster; it is made anew, and removed at the end. */
const CLUSTER = 'faults'

const HELP = `
Examples:
  npm run faults                                  # 50 schedules from a random seed, which is printed
  npm run faults -- --count 1000 --keep-going
  npm run faults -- --seed 17                     # that one again, with those that ran beside it
  npm run faults -- --mutants                     # breaks the operator on purpose: each time a schedule has to show it`

interface Flags {
  seed?: number
  from?: number
  count: number
  keepGoing?: boolean
  output?: 'json'
  mutants?: boolean
}

function number(text: string): number {
  if (/^[0-9]{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('must be a whole number, 0 or more.')
}

function positive(text: string): number {
  const value = number(text)
  if (value > 0) return value
  throw new InvalidArgumentError('must be 1 or more.')
}

const command = new Command('npm run faults --')
  .description('random schedules: what users do, what goes wrong meanwhile, and what has to hold in the end')
  .addOption(new Option('--seed <n>', 'one schedule again').argParser(number).conflicts(['from', 'count']))
  .option('--from <n>', 'the first seed; a random one unless said', number)
  .option('--count <n>', 'how many schedules, in whole rounds of four', positive, 50)
  .option('--keep-going', 'go on after a violation')
  .addOption(new Option('-o, --output <format>', 'what to print on standard output').choices(['json']))
  .addOption(
    new Option('--mutants', 'break the operator in known ways and see whether schedules notice').conflicts([
      'seed',
      'from',
      'count',
    ]),
  )
  .addHelpText('after', HELP)
  .parse()

const flags = command.opts<Flags>()
const ok = flags.mutants ? await runMutants({ json: flags.output === 'json' }) : await runSchedules(flags)
process.exit(ok ? 0 : 1)

async function runSchedules({ seed, count, keepGoing, output, ...flags }: Flags): Promise<boolean> {
  const from = seed ?? flags.from ?? Math.floor(Math.random() * 1_000_000)
  const asked = seed === undefined ? count : 1
  const started = performance.now()
  const outcomes: Outcome[] = []
  const progress = (line: string) => console.error(`  ${line}`)
  const [first, last] = [roundOf(from)[0], roundOf(from + asked - 1).at(-1)]
  console.error(`seeds ${first} to ${last}`)
  for await (const round of run({ name: CLUSTER, from, count: asked, progress })) {
    outcomes.push(...round.outcomes)
    const violated = round.outcomes.filter(({ violations }) => violations.length)
    for (const outcome of violated) console.error(await report(round.world, outcome))
    console.error(line(outcomes, started))
    if (violated.length && !keepGoing) break
  }
  const failed = outcomes.filter(({ violations }) => violations.length)
  if (output === 'json') console.log(JSON.stringify(summary(outcomes, from, performance.now() - started)))
  return failed.length === 0
}

function line(outcomes: Outcome[], started: number): string {
  const ms = performance.now() - started
  const violated = outcomes.filter(({ violations }) => violations.length).length
  const rest = Math.max(...outcomes.slice(-roundOf(0).length).map(({ restMs }) => restMs))
  const last = outcomes.at(-1)?.schedule.seed
  return `${outcomes.length} schedules, to seed ${last}, ${violated} violated, ${duration(ms)}, ${duration(ms / outcomes.length)} each; at rest after ${duration(rest)}`
}

function summary(outcomes: Outcome[], from: number, ms: number) {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0)
  return {
    from,
    schedules: outcomes.length,
    seconds: Math.round(ms / 1000),
    faults: sum(({ schedule }) => schedule.faults.length),
    agentJobs: sum(({ agentJobs }) => agentJobs),
    jobs: sum(({ jobs }) => jobs),
    violated: outcomes
      .filter(({ violations }) => violations.length)
      .map(({ schedule, violations }) => ({ seed: schedule.seed, violations })),
  }
}
