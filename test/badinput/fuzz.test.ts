import { afterAll, beforeAll, expect, test } from 'bun:test'
import { fuzz } from './fuzz.ts'
import { startWebhook, type Webhook } from './webhook.ts'

/*
 * Some of what `npm run fuzz` does: the webhook as a process of its own, before a real API server, is sent what is wrong
 * in every way. Each is refused by the exact path of its field, or does no harm by one of the rules in want.ts.
 */

// of one try and of the next
const SEED = Date.now() % 2 ** 31
const TIME_MS = 15_000

let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook()
}, 60_000)
afterAll(() => webhook.stop(), 60_000)

test('bad input is refused by the exact path, or harmless', async () => {
  const report = await fuzz({ webhook, seed: SEED, runs: 500, timeMs: TIME_MS })
  expect(report.failure).toBeUndefined()
  expect(report.outcomes.get('refused')).toBeGreaterThan(10)
}, 60_000)
