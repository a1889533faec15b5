import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCa, issueLeaf } from '../../certs/issue.ts'
import { eventually, memoryLog, scripted } from '../../test/kube/scripted.ts'
import { Settings } from '../expand/settings.ts'
import { SIGNING_SECRET } from '../signing/key.ts'
import { type ServeOptions, serve } from './serve.ts'

const stop = new AbortController()
const folder = await mkdtemp(join(tmpdir(), 'serve-'))
afterAll(async () => {
  stop.abort()
  await rm(folder, { recursive: true })
})

/** An API server without objects, which does not list those of one kind as long as `isListed` does not say so. */
const empty = (plural: string, isListed: () => boolean) =>
  scripted(({ path, query }, answer) => {
    if (path.endsWith(`/secrets/${SIGNING_SECRET}`))
      answer.json(200, { metadata: {}, data: { key: Buffer.alloc(32, 7).toString('base64') } })
    else if (query.has('watch')) answer.head()
    else if (path.includes('/secrets/') || path.includes('/leases')) answer.json(404, { kind: 'Status', code: 404 })
    else if (path.endsWith(plural) && !isListed()) answer.json(503, { kind: 'Status', code: 503 })
    else answer.json(200, { metadata: { resourceVersion: '1' }, items: [] })
  })

const OPTIONS: Omit<ServeOptions, 'connection' | 'webhook' | 'controller' | 'signal'> = {
  namespace: 'operator',
  controllerUser: 'controller',
  settings: Settings.parse({}),
  port: 0,
  healthPort: 0,
  hosts: [],
  certificateDirectory: folder,
  certificateDurationMs: 0,
  graceMs: 0,
  leaseDurationMs: 15_000,
  log: memoryLog(),
}

test('a controller is ready when its own caches are filled, not when those of references are', async () => {
  let isListed = false
  const server = await empty('/cronjobs', () => isListed)
  const listening = Promise.withResolvers<number>()
  const served = serve({
    ...OPTIONS,
    connection: server.connection,
    webhook: false,
    controller: true,
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

/** Has a webhook started that shares its port, with a cache that is not filled yet. */
async function sharing() {
  const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const ca = await issueCa(period)
  const leaf = await issueLeaf(ca, { dnsNames: ['localhost'], ipAddresses: [] }, period)
  for (const [name, text] of [
    ['tls.crt', leaf.cert] as const,
    ['tls.key', leaf.key] as const,
    ['ca.crt', ca.cert] as const,
  ])
    await writeFile(join(folder, name), text)
  let isListed = false
  let port: number | undefined
  const healthPort = await freePort()
  const server = await empty('/contexts', () => isListed)
  const end = new AbortController()
  const served = serve({
    ...OPTIONS,
    connection: server.connection,
    webhook: true,
    controller: false,
    sharePort: true,
    healthPort,
    graceMs: 300,
    signal: end.signal,
    onListening: (ports) => {
      port = ports.port
    },
  })
  const asked = () => server.requests.some(({ path }) => path.endsWith('/contexts'))
  await eventually('the cache is asked for', asked)
  await Bun.sleep(100)
  const fill = () => {
    isListed = true
  }
  const ready = async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).text()
  return { end, fill, port: () => port, ready, served, close: () => server.close() }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) =>
    server.listen(0, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    }),
  )
}

test('a webhook that shares its port opens it when its caches are filled, not before', async () => {
  const { end, fill, port, ready, served, close } = await sharing()
  expect([port(), await ready()]).toEqual([undefined, 'the caches are not filled yet\n'])
  fill()
  await eventually('it listens', () => port() !== undefined)
  await eventually('it is ready', async () => (await ready()) === 'ok')
  end.abort()
  await served
  close()
})

test('and never, where it is told to end meanwhile', async () => {
  const { end, port, served, close } = await sharing()
  end.abort()
  await served
  expect(port()).toBeUndefined()
  close()
})
