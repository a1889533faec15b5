import { afterEach, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answering, scripted } from '../../test/kube/scripted.ts'
import type { Expansion } from '../api/expansion.ts'
import { createClient } from '../kube/client.ts'
import { createTransport } from '../kube/transport.ts'
import { SIGNING_EPOCHS, SIGNING_SECRET } from './key.ts'
import { type Keyring, startKeyring } from './keyring.ts'
import { epochOf, sign } from './signature.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const key = (epoch: number) => new Uint8Array(32).fill(epoch)
const base64 = (content: string | Uint8Array) => Buffer.from(content).toString('base64')
const IDENTITY = { namespace: 'agents', name: 'hello' }
const expansion = { revision: 'r1', resources: [] } as unknown as Expansion
const under = (epoch: number, bytes = key(epoch)) => sign(expansion, IDENTITY, bytes, epoch)

/** What the Secret of the epochs holds: the epochs of its keys, which of them signs, and which is the oldest. */
const stored = (epochs: number[], signs: number, oldest = 1) => ({
  signs: base64(`${signs}`),
  oldest: base64(`${oldest}`),
  ...Object.fromEntries(epochs.map((epoch) => [`epoch-${epoch}`, base64(key(epoch))])),
})

interface Given {
  /** Of the first key; undefined where there is no such Secret. */
  first?: object
  /** Of the others. */
  epochs?: object
  /** What a read of the others is refused with. */
  refused?: number
  /** A read of the others, as they were when it began, is answered after this. */
  slow?: Promise<void>
  /** Whether the first key cannot be made. */
  mayNotCreate?: boolean
}

/** A keyring over two Secrets that the test changes. */
async function given(world: Given, { retryMs = 60_000, pauseMs = 1 } = {}) {
  const answered = (status: number, body: object) => [status, body] as const
  const failed = (code: number, reason: string) => answered(code, { kind: 'Status', reason, code })
  const answers = ({ method, path, body }: { method: string; path: string; body: string }) => {
    if (method === 'POST') {
      if (world.mayNotCreate) return failed(403, 'Forbidden')
      world.first = JSON.parse(body).data
      return answered(201, JSON.parse(body))
    }
    if (path.endsWith(SIGNING_EPOCHS) && world.refused) return failed(world.refused, 'Forbidden')
    const data = path.endsWith(SIGNING_EPOCHS) ? world.epochs : path.endsWith(SIGNING_SECRET) ? world.first : undefined
    return data ? answered(200, { kind: 'Secret', metadata: {}, data }) : failed(404, 'NotFound')
  }
  const watches: Answering[] = []
  let version = 1
  const server = await scripted((request, answer) => {
    if (!request.path.endsWith('/secrets') || request.method !== 'GET') {
      const said = answers(request)
      return void (world.slow ?? Promise.resolve()).then(() => answer.json(...said))
    }
    expect(request.query.get('fieldSelector')).toBe(`metadata.name=${SIGNING_EPOCHS}`)
    if (!request.query.has('watch')) return answer.json(200, { metadata: { resourceVersion: '1' }, items: [] })
    answer.head()
    watches.push(answer)
  })
  /** Something has happened to the Secret of the epochs. */
  const tell = async () => {
    await eventually(() => watches.length > 0)
    const metadata = { namespace: 'operator', name: SIGNING_EPOCHS, uid: 'u', resourceVersion: `${++version}` }
    for (const watch of watches) watch.event('MODIFIED', { metadata, data: { 'epoch-2': 'a key' } })
  }
  const client = createClient(createTransport(server.connection))
  const stop = new AbortController()
  open.push(client.transport, server, { close: () => stop.abort() })
  const said: string[] = []
  const say = (_: object, message: string) => void said.push(message)
  const signs: number[] = []
  const keyring = (await startKeyring({
    ...{ client, namespace: 'operator', signal: stop.signal, retryMs, pauseMs },
    log: { debug() {}, info: say, warn: say, error: say },
    metrics: { signsUnder: (epoch) => void signs.push(epoch) },
  })) as Keyring
  const reads = () => server.requests.filter(({ path }) => path.endsWith(SIGNING_EPOCHS)).length
  return { keyring, world, said, signs, reads, requests: server.requests, stop, tell }
}

async function eventually(done: () => boolean) {
  for (let tries = 0; !done() && tries < 1000; tries++) await sleep(2)
  expect(done()).toBe(true)
}

const FIRST = { key: base64(key(1)) }

test('without any key, and without the right to make the first, there are none yet', async () => {
  const { keyring, signs } = await given({ mayNotCreate: true })
  expect(keyring).toBeUndefined()
  expect(signs).toEqual([])
})

test('without epochs there is the first key, as ever', async () => {
  const { keyring, signs } = await given({ first: FIRST })
  const signed = await keyring.sign(expansion, IDENTITY)
  expect(signed).toEqual(await sign(expansion, IDENTITY, key(1)))
  expect(await keyring.holds(signed, IDENTITY)).toBe(true)
  expect(await keyring.holds(signed, { ...IDENTITY, name: 'other' })).toBe(false)
  expect(signs).toEqual([1])
})

for (const { name, epochs, signs, holds } of [
  { name: 'a new key is known before it signs', epochs: stored([2], 1), signs: 1, holds: [1, 2] },
  { name: 'when it signs, the old one holds', epochs: stored([2], 2), signs: 2, holds: [1, 2] },
  { name: 'a retired one does not hold', epochs: stored([2], 2, 2), signs: 2, holds: [2] },
  { name: 'nor does one whose key is still there', epochs: stored([2, 3], 3, 3), signs: 3, holds: [3] },
])
  test(name, async () => {
    const { keyring } = await given({ first: FIRST, epochs })
    expect(epochOf(await keyring.sign(expansion, IDENTITY))).toBe(signs)
    const held = await Promise.all([1, 2, 3].map(async (epoch) => keyring.holds(await under(epoch), IDENTITY)))
    expect([1, 2, 3].filter((_, index) => held[index])).toEqual(holds)
  })

test('no key signs for the epoch of another', async () => {
  const { keyring } = await given({ first: FIRST, epochs: stored([2], 2, 2) })
  expect(await keyring.holds(await under(2, key(1)), IDENTITY)).toBe(false)
})

test('where the first key is retired and gone, nobody makes another one', async () => {
  const { keyring, requests } = await given({ epochs: stored([2], 2, 2) })
  expect(await keyring.holds(await under(2), IDENTITY)).toBe(true)
  expect(requests.filter(({ path }) => path.includes('/secrets/')).map(({ method }) => method)).toEqual(['GET'])
})

test('a change is noticed without a restart, and told', async () => {
  const { keyring, world, said, signs, tell } = await given({ first: FIRST })
  let changes = 0
  const stop = keyring.onChange(() => changes++)
  world.epochs = stored([2], 1)
  await tell()
  await eventually(() => changes === 1)
  expect(keyring.signs()).toBe(1)
  world.epochs = stored([2], 2, 2)
  await tell()
  await eventually(() => changes === 2)
  expect(keyring.signs()).toBe(2)
  expect(await keyring.holds(await under(1), IDENTITY)).toBe(false)
  expect(signs).toEqual([1, 1, 2])
  stop()
  world.epochs = stored([2, 3], 3, 2)
  await tell()
  await eventually(() => keyring.signs() === 3)
  await sleep(20)
  expect(changes).toBe(2)
  expect(said).toEqual(Array(3).fill('the signing keys have changed'))
})

test('a change while another one is being read is read as well', async () => {
  const { keyring, world, reads, tell } = await given({ first: FIRST })
  const { promise, resolve } = Promise.withResolvers<void>()
  world.slow = promise
  world.epochs = stored([2], 1)
  await tell()
  await eventually(() => reads() === 2)
  world.epochs = stored([2], 2, 2)
  await tell()
  await sleep(20)
  resolve()
  await eventually(() => keyring.signs() === 2)
  expect(await keyring.holds(await under(1), IDENTITY)).toBe(false)
})

test('an epoch that is newer than those that are known is looked for before it is judged', async () => {
  const { keyring, world, reads } = await given({ first: FIRST })
  world.epochs = stored([2], 2)
  expect(await keyring.holds(await under(2), IDENTITY)).toBe(true)
  expect(await keyring.holds(await under(2, key(9)), IDENTITY)).toBe(false)
  expect(reads()).toBe(2)
  expect(await keyring.holds(await under(3), IDENTITY)).toBe(false)
  expect(reads()).toBe(3)
})

test('where it cannot be looked for, nothing is judged', async () => {
  const { keyring, world } = await given({ first: FIRST })
  world.refused = 403
  await expect(keyring.holds(await under(2), IDENTITY)).rejects.toThrow('403')
  expect(await keyring.holds(await under(1), IDENTITY)).toBe(true)
})

test('however many are asked about, there is one read in a pause, and nobody gets an earlier one', async () => {
  const { keyring, world, reads } = await given({ first: FIRST }, { pauseMs: 100 })
  const strange = await under(9)
  const asked = () => Promise.all(Array.from({ length: 50 }, () => keyring.holds(strange, IDENTITY)))
  await asked()
  const [late, since] = [asked(), performance.now()]
  world.epochs = stored([9], 9)
  expect(await late).toEqual(Array(50).fill(true))
  expect(performance.now() - since).toBeGreaterThan(80)
  expect(reads()).toBe(3)
})

for (const { name, change, want } of [
  { name: 'that is wrong', change: { epochs: { signs: base64('7') } }, want: 1 },
  { name: 'that may not be read', change: { refused: 403 }, want: 1 },
  { name: 'that is gone: a retired key does not come back', change: { epochs: undefined }, want: 1 },
])
  test(`a Secret ${name} changes nothing, and is told of once`, async () => {
    const there = { first: FIRST, epochs: stored([2], 2, 2) }
    const { keyring, world, said, reads, tell } = await given(there, { retryMs: 2 })
    Object.assign(world, change)
    await tell()
    await eventually(() => reads() > 10)
    expect(said).toEqual(Array(want).fill('the signing keys cannot be read; those that are known stay'))
    expect(keyring.signs()).toBe(2)
    expect(await keyring.holds(await under(1), IDENTITY)).toBe(false)
  })

test('a Secret that is wrong lets nobody start', () =>
  expect(given({ first: FIRST, epochs: { signs: base64('7') } })).rejects.toThrow(
    `Secret operator/${SIGNING_EPOCHS}: data.signs must be`,
  ))

test('nothing is read where nothing happens, and nothing after the end', async () => {
  const { reads, stop, tell } = await given({ first: FIRST }, { retryMs: 2 })
  await sleep(30)
  expect(reads()).toBe(1)
  await tell()
  await eventually(() => reads() === 2)
  stop.abort()
  await tell()
  await sleep(30)
  expect(reads()).toBe(2)
})
