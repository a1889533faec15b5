import fc from 'fast-check'
import { type ApiOutcome, dryRuns, outcomeAt } from './apiserver.ts'
import { webhookClient } from './client.ts'
import { type BadInput, badInputs } from './inputs.ts'
import { wrongWith, wrongWithWire } from './judge.ts'
import type { Webhook } from './webhook.ts'
import { converse } from './wire.ts'

export interface FuzzOptions {
  webhook: Webhook
  seed: number
  runs: number
  /** Ends sooner when the time is up. */
  timeMs?: number
  onProgress?(runs: number): void
}

export interface FuzzReport {
  seed: number
  runs: number
  /** How many came to what: `refused` by the exact path, or a rule. */
  outcomes: Map<string, number>
  /** How many of them went through the real API server as well, and what they came to there. */
  apiOutcomes: Map<ApiOutcome, number>
  /** The first failure, shrunk; undefined where there was none. */
  failure?: string
  /** Most resident memory that was seen, in bytes. */
  peakRss: number
}

/** Some 200 MB are usual; each request may have 8 MB, of which several copies are made. */
const MAX_RSS = 512 * 1024 * 1024

/** How long an answer to a strange conversation is waited for. */
const PATIENCE_MS = 3000

/** Sends bad inputs to the webhook until one is answered wrongly, each followed by a good request. */
export async function fuzz({ webhook, seed, runs, timeMs, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const client = webhookClient(webhook)
  const dryRun = await dryRuns(webhook.cluster)
  const report: FuzzReport = { seed, runs: 0, outcomes: new Map(), apiOutcomes: new Map(), peakRss: 0 }
  let failed = false
  const property = fc.asyncProperty(badInputs, async (input) => {
    const wrong = await answerTo(input)
    if (!failed && wrong === undefined) await count(input)
    failed ||= wrong !== undefined
    if (wrong !== undefined) throw new Error(`${input.what}: ${wrong}`)
  })

  async function answerTo(input: BadInput): Promise<string | undefined> {
    try {
      const wrong =
        input.way === 'wire'
          ? wrongWithWire(input, await converse(webhook, input, PATIENCE_MS))
          : wrongWith(input.want, await client.post(input.body, input.way === 'body' ? input.headers : {}))
      const complaints = await webhook.complaints()
      if (complaints.length) return complaints.join('\n')
      return (
        wrong ?? ((await client.isWell()) ? await throughApiServer(input) : 'no good answer to a good request after it')
      )
    } catch (error) {
      return `no answer: ${(error as Error).message}`
    }
  }

  async function throughApiServer(input: BadInput): Promise<string | undefined> {
    if (input.way !== 'review' || !input.object) return undefined
    const { kind, json, broken } = input.object
    const outcome = outcomeAt(broken, await dryRun(kind, json))
    if (typeof outcome !== 'string') return outcome.wrong
    if (!failed) add(report.apiOutcomes, outcome)
    return undefined
  }

  async function count(input: BadInput): Promise<void> {
    const outcome = input.way === 'wire' ? input.rule : 'rule' in input.want ? input.want.rule : 'refused'
    add(report.outcomes, outcome)
    report.runs++
    if (report.runs % 50) return
    report.peakRss = Math.max(report.peakRss, await webhook.rss())
    onProgress?.(report.runs)
  }

  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: timeMs,
    endOnFailure: false,
  })
  client.close()
  const [input] = details.counterexample ?? []
  if (report.peakRss > MAX_RSS) report.failure = `the webhook took ${report.peakRss} bytes of memory`
  if (input) report.failure = failureOf(input, String(details.errorInstance), seed, details.counterexamplePath ?? '')
  return report
}

const add = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1)

function failureOf(input: BadInput, error: string, seed: number, path: string): string {
  const given = input.way === 'review' ? input.given : input.way === 'body' ? input.body : input.steps
  return [error, `given: ${fc.stringify(given).slice(0, 2000)}`, `again with: --seed ${seed} (path ${path})`].join('\n')
}
