import { afterEach, expect, test } from 'bun:test'
import { scripted } from '../../test/kube/scripted.ts'
import { createClient } from '../kube/client.ts'
import { createTransport } from '../kube/transport.ts'
import { loadSigningKey, SIGNING_SECRET } from './key.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const secret = (key: Uint8Array | undefined) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'operator', name: SIGNING_SECRET },
  data: key && { key: Buffer.from(key).toString('base64') },
})
const notFound = { kind: 'Status', reason: 'NotFound', code: 404 }
const alreadyExists = { kind: 'Status', reason: 'AlreadyExists', code: 409 }

/** Loads the key from an API server that gives these answers, one after the other. */
async function load(...answers: [number, object][]) {
  const server = await scripted((_, answer) => answer.json(...(answers.shift() as [number, object])))
  const client = createClient(createTransport(server.connection))
  open.push(client.transport, server)
  const key = await loadSigningKey(client, 'operator')
  return { key, requests: server.requests }
}

const KEY = new Uint8Array(32).map((_, index) => index)

test('the key is the one in the Secret', async () => {
  const { key, requests } = await load([200, secret(KEY)])
  expect(key).toEqual(KEY)
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /api/v1/namespaces/operator/secrets/${SIGNING_SECRET}`,
  ])
})

test('without a Secret one is made, of 32 random bytes, that nobody changes', async () => {
  const made = async () => JSON.parse((await load([404, notFound], [201, secret(KEY)])).requests[1]?.body ?? '')
  const [one, other] = [await made(), await made()]
  expect(one).toMatchObject({
    kind: 'Secret',
    metadata: { namespace: 'operator', name: SIGNING_SECRET },
    immutable: true,
  })
  expect(Buffer.from(one.data.key, 'base64')).toHaveLength(32)
  expect(one.data.key).not.toBe(other.data.key)
})

test('of two that make one at the same time, both take the one that is there', async () => {
  const { key } = await load([404, notFound], [409, alreadyExists], [200, secret(KEY)])
  expect(key).toEqual(KEY)
})

for (const { name, given, bytes } of [
  { name: 'a key that is too short', given: secret(KEY.slice(1)), bytes: 31 },
  { name: 'no key', given: secret(undefined), bytes: 0 },
])
  test(`a Secret with ${name} is refused`, () =>
    expect(load([200, given])).rejects.toThrow(
      `Secret operator/${SIGNING_SECRET}: data.key must hold at least 32 bytes, it holds ${bytes}`,
    ))

const forbidden = { kind: 'Status', reason: 'Forbidden', code: 403 }

test('who may not make one has none yet', async () => {
  expect((await load([404, notFound], [403, forbidden])).key).toBeUndefined()
})

test('what the API server refuses is not taken for a key', () => expect(load([403, forbidden])).rejects.toThrow('403'))
