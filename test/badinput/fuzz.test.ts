import { afterAll, beforeAll, expect, test } from 'bun:test'
import { webhookClient } from './client.ts'
import { fuzz } from './fuzz.ts'
import { BYTES, said, TEXT } from './requests.ts'
import { startWebhook, type Webhook } from './webhook.ts'
import { converse } from './wire.ts'

/*
 * Some of what `npm run fuzz` does: the webhook as a process of its own, before a real API server, is sent what is wrong
 * in every way. Each is refused by the exact path of its field, or does no harm by one of the rules in want.ts.
 */

// the same in every run: `npm run fuzz` takes others
const SEED = 20261121
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

test('200 senders that stop in the middle hold up nobody', async () => {
  const half = said('half a request', 'gone', [{ send: BYTES.slice(0, -50) }, { waitMs: 3000 }, { reset: true }])
  const stalled = Array.from({ length: 200 }, () => converse(webhook, half, 5000))
  const client = webhookClient(webhook)
  for (let count = 0; count < 20; count++) expect(await client.isWell()).toBe(true)
  expect((await Promise.all(stalled)).flatMap(({ answers }) => answers)).toEqual([])
  client.close()
  expect(await webhook.complaints()).toEqual([])
}, 60_000)

test('several bodies of 7 MB at once are answered, in bounded memory', async () => {
  const client = webhookClient(webhook)
  const large = TEXT.replace('Say hello.', 'x'.repeat(7_000_000))
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.post(large)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(await client.isWell()).toBe(true)
  expect(await webhook.rss()).toBeLessThan(1024 ** 3)
  client.close()
}, 60_000)
