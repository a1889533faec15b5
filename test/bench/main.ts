import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { colourFor } from '../../src/cli/colour.ts'
import { down } from '../cluster/cluster.ts'
import { duration } from '../cluster/progress.ts'
import { describeMachine, machineLine } from './machine.ts'
import { type Figure, type Report, table, targetText, titleOf } from './report.ts'
import { runAll } from './run.ts'
import { SUITE } from './suite.ts'
import { unmeasured } from './targets.ts'
import { CLUSTER } from './world.ts'

const ALL = [...SUITE.pure, ...SUITE.benchmarks, ...SUITE.sized]
const NAMES = ALL.map(({ name }) => name)

const HELP = `
Benchmarks:
${ALL.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')}

Examples:
  npm run bench                                       # everything; half an hour
  npm run bench -- --only create terminal --rounds 3
  npm run bench -- --check --out dist/figures.json
  npm run bench -- --only memory --sizes 0,1000

They want an idle machine: everything that is measured shares its cores.`

interface Flags {
  only?: string[]
  rounds: number
  sizes: number[]
  quick?: boolean
  check?: boolean
  output: 'table' | 'json'
  out?: string
}

async function main(): Promise<void> {
  const flags = parse()
  const effort = flags.quick
    ? { quick: true, rounds: 1, sizes: [0, 100], restSeconds: 3 }
    : { quick: false, rounds: flags.rounds, sizes: flags.sizes, restSeconds: 30 }
  const progress = progressLine()
  const machine = await describeMachine()
  const started = new Date().toISOString()
  const names = flags.only ?? NAMES
  const figures = await runAll(SUITE, names, effort, progress.report)
  progress.end()
  const report: Report = { started, quick: effort.quick, machine, figures }
  const json = `${JSON.stringify(report, undefined, 2)}\n`
  if (flags.out) {
    await mkdir(dirname(flags.out), { recursive: true })
    await writeFile(flags.out, json)
  }
  if (flags.output === 'json') process.stdout.write(json)
  else process.stdout.write(`${machineLine(machine)}\n\n${table(figures, colourFor(process.stdout))}`)
  const missed = figures.filter(({ reached }) => reached === false)
  const faults = [
    ...missed.map(missedText),
    ...unmeasured(names, effort.sizes, figures).map((target) => `missed: ${target}: was not measured`),
  ]
  for (const fault of faults) console.error(fault)
  process.exit(flags.check && faults.length ? 1 : 0)
}

function parse(): Flags {
  return new Command('npm run bench --')
    .description('measures AgentJob beside what the API server itself takes, on a control plane without nodes')
    .addOption(new Option('--only <name...>', 'these benchmarks alone').argParser(benchmark))
    .option('--rounds <number>', 'how often each is measured', whole, 5)
    .option('--sizes <list>', 'numbers of AgentJobs for those that look at growth', sizes, [0, 1000, 10_000])
    .option('--quick', 'one round with few objects, to try a benchmark: its figures mean nothing')
    .option('--check', 'exit with 1 when a target is missed')
    .addOption(new Option('-o, --output <format>').choices(['table', 'json']).default('table'))
    .option('--out <file>', 'write the JSON to a file, too')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .parse()
    .opts<Flags>()
}

function benchmark(name: string, before: string[] | undefined): string[] {
  if (!NAMES.includes(name)) throw new InvalidArgumentError(`There are ${NAMES.join(', ')}.`)
  return [...(before ?? []), name]
}

function whole(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError('must be a whole number, 1 or more.')
}

function sizes(text: string): number[] {
  const values = text.split(',').map(Number)
  const grows = values.every((value, i) => Number.isInteger(value) && value >= 0 && (i === 0 || value > values[i - 1]!))
  if (grows) return values
  throw new InvalidArgumentError('must be whole numbers with commas between them, each larger than the one before.')
}

const missedText = (figure: Figure) =>
  `missed: ${figure.benchmark}: ${titleOf(figure)} is ${figure.median.toPrecision(3)} ${figure.unit}, should be ${targetText(figure.target!)}`

/** On a terminal one line that changes, else a line each; with the time since the start. */
function progressLine() {
  const { stderr } = process
  const start = performance.now()
  return {
    report(line: string) {
      const text = `${duration(performance.now() - start).padStart(7)}  ${line}`
      stderr.write(stderr.isTTY ? `\r\x1b[K${text.slice(0, stderr.columns - 1)}` : `${text}\n`)
    },
    end: () => void (stderr.isTTY && stderr.write('\r\x1b[K')),
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void down(CLUSTER).finally(() => process.exit(130)))

await main().catch(async (error: unknown) => {
  console.error(`\n${error instanceof Error ? error.stack : error}`)
  await down(CLUSTER)
  process.exit(2)
})
