import { afterEach, expect, test } from 'bun:test'
import { scripted } from '../../test/kube/scripted.ts'
import { createClient } from '../kube/client.ts'
import { createTransport } from '../kube/transport.ts'
import { loadNotificationKey, NOTIFICATION_KEY } from './key.ts'
import { notificationKey } from './signature.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const SEED = new Uint8Array(32).map((_, index) => index)
const secret = (seed: Uint8Array) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'operator', name: NOTIFICATION_KEY },
  data: { key: Buffer.from(seed).toString('base64') },
})

/** Loads the key from an API server whose Secret is this one. */
async function load(found: object | undefined) {
  const server = await scripted(({ method, body }, answer) => {
    if (method === 'GET') answer.json(found ? 200 : 404, found ?? { kind: 'Status', code: 404, reason: 'NotFound' })
    else answer.json(200, JSON.parse(body))
  })
  const client = createClient(createTransport(server.connection))
  open.push(client.transport, server)
  return { key: await loadNotificationKey(client, 'operator'), requests: server.requests }
}

const PUBLISHED = `/api/v1/namespaces/operator/configmaps/${NOTIFICATION_KEY}`

test('the key is the one in the Secret, and its public half is published', async () => {
  const { key, requests } = await load(secret(SEED))
  expect(key.publicKey).toBe(notificationKey(SEED).publicKey)
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /api/v1/namespaces/operator/secrets/${NOTIFICATION_KEY}`,
    `PATCH ${PUBLISHED}`,
  ])
  expect(JSON.parse(requests[1]?.body ?? '')).toMatchObject({ kind: 'ConfigMap', data: { publicKey: key.publicKey } })
})

test('without a Secret one is made, and nothing of it is published but the public half', async () => {
  const { key, requests } = await load(undefined)
  const [made, published] = requests.slice(1).map(({ body }) => JSON.parse(body))
  expect(made).toMatchObject({ kind: 'Secret', metadata: { name: NOTIFICATION_KEY }, immutable: true })
  expect(notificationKey(Buffer.from(made.data.key, 'base64')).publicKey).toBe(key.publicKey)
  expect(Object.values(published.data)).toEqual([key.publicKey])
})

for (const bytes of [0, 31, 64])
  test(`a Secret with ${bytes} bytes is refused`, () =>
    expect(load(secret(new Uint8Array(bytes)))).rejects.toThrow(
      `Secret operator/${NOTIFICATION_KEY}: data.key must hold 32 bytes, it holds ${bytes}`,
    ))
