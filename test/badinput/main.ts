import { Command, InvalidArgumentError } from 'commander'
import { type FuzzReport, fuzz } from './fuzz.ts'
import { RULES, type Rule } from './want.ts'
import { startWebhook } from './webhook.ts'

const positive = (text: string) => {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
const number = (text: string) => {
  if (!/^[0-9]+$/.test(text)) throw new InvalidArgumentError('It must be a number.')
  return Number(text)
}
const MB = 1024 * 1024

function show({ runs, outcomes, apiOutcomes, peakRss, failure }: FuzzReport): string {
  const lines = [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => {
      const why =
        outcome === 'refused' ? 'with the exact path of the field and what would be right' : RULES[outcome as Rule]
      return `${String(count).padStart(7)}  ${outcome.padEnd(13)} ${why}`
    })
  const api = [...apiOutcomes].map(([outcome, count]) => `${count} ${outcome}`)
  lines.push(`through the real API server as well: ${api.join(', ') || 'none'}`)
  const end = failure ? `\nFAILED after ${runs} bad inputs:\n${failure}` : `${runs} bad inputs, nothing found`
  return [...lines, `resident memory: at most ${Math.round(peakRss / MB)} MB`, end].join('\n')
}

const options = new Command('npm run fuzz --')
  .description('sends bad input to the webhook, a process of its own before a real API server')
  .option('--runs <number>', 'how many bad inputs; 2000 where no time is given', (text: string) =>
    Math.ceil(positive(text)),
  )
  .option('--minutes <number>', 'how long', positive)
  .option('--seed <number>', 'of an earlier run, to have the same inputs again', number)
  .parse()
  .opts<{ runs?: number; minutes?: number; seed?: number }>()

const seed = options.seed ?? Date.now() % 2 ** 31
const runs = options.runs ?? (options.minutes ? Number.MAX_SAFE_INTEGER : 2000)
console.log(`seed ${seed}`)
const webhook = await startWebhook()
const report = await fuzz({ webhook, seed, runs, timeMs: options.minutes && options.minutes * 60_000 })
console.log(show(report))
await webhook.stop()
process.exit(report.failure || !report.runs ? 1 : 0)
