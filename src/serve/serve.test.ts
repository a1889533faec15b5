import { afterAll, expect, test } from 'bun:test'
import { eventually, memoryLog, scripted } from '../../test/kube/scripted.ts'
import { Settings } from '../expand/settings.ts'
import { SIGNING_SECRET } from '../signing/key.ts'
import { serve } from './serve.ts'

const stop = new AbortController()
afterAll(() => stop.abort())

test('a controller is ready when its own caches are filled, not when those of references are', async () => {
  let isListed = false
  const server = await scripted(({ path, query }, answer) => {
    if (path.endsWith(`/secrets/${SIGNING_SECRET}`))
      answer.json(200, { metadata: {}, data: { key: Buffer.alloc(32, 7).toString('base64') } })
    else if (query.has('watch')) answer.head()
    else if (path.includes('/secrets/') || path.includes('/leases')) answer.json(404, { kind: 'Status', code: 404 })
    else if (path.endsWith('/cronjobs') && !isListed) answer.json(503, { kind: 'Status', code: 503 })
    else answer.json(200, { metadata: { resourceVersion: '1' }, items: [] })
  })
  const listening = Promise.withResolvers<number>()
  const served = serve({
    connection: server.connection,
    namespace: 'operator',
    webhook: false,
    controller: true,
    settings: Settings.parse({}),
    port: 0,
    healthPort: 0,
    hosts: [],
    certificateDurationMs: 0,
    graceMs: 0,
    leaseDurationMs: 15_000,
    log: memoryLog(),
    signal: stop.signal,
    onListening: ({ healthPort }) => listening.resolve(healthPort),
  })
  const port = await listening.promise
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text()
  const watched = (plural: string) =>
    server.requests.some(({ path, query }) => path.endsWith(plural) && query.has('watch'))
  await eventually('all else is watched', () => ['/agentquotas', '/contexts', '/pods', '/agentjobs'].every(watched))
  await Bun.sleep(50)
  expect(await ready()).toBe('the caches are not filled yet\n')
  isListed = true
  await eventually('it is ready', async () => (await ready()) === 'ok')
  stop.abort()
  await served
  server.close()
})
