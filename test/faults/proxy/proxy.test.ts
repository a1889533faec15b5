import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient } from '../../../src/kube/client.ts'
import { loadConnection } from '../../../src/kube/connection.ts'
import type { KubeObject, ResourceType } from '../../../src/kube/object.ts'
import { startReflector } from '../../../src/kube/reflector.ts'
import { Store } from '../../../src/kube/store.ts'
import { createTransport } from '../../../src/kube/transport.ts'
import { down, up } from '../../cluster/cluster.ts'
import { install, NAMESPACE, operatorKubeconfig } from '../../operator/install.ts'
import { SILENT } from '../world.ts'
import { proxyCertificate } from './certificate.ts'
import type { RequestFault, WatchFault } from './faults.ts'
import { type FaultProxy, startProxy } from './proxy.ts'

const CLUSTER = 'test-faults'
const CONFIG_MAPS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
const match = { plural: 'configmaps' }
let direct: Client
let proxied: Client
let proxy: FaultProxy
let made = 0

describe.skipIf(process.env.AGENTJOB_TEST_KUBECONFIG !== undefined)('a proxy', () => {
  beforeAll(async () => {
    const cluster = await up({ name: CLUSTER, pods: false, progress: (line) => console.error(`  ${line}`) })
    direct = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig })))
    await install(direct)
    const certificate = await proxyCertificate()
    const ca = await readFile(join(cluster.dir, 'pki', 'ca.crt'))
    proxy = await startProxy({ upstream: { server: cluster.server, ca }, certificate })
    const o = { server: proxy.server, ca: certificate.ca }
    const kubeconfig = await operatorKubeconfig(direct, cluster.kubeconfig, join(cluster.dir, 'proxied.kubeconfig'), o)
    proxied = createClient(createTransport(loadConnection({ kubeconfig })))
  }, 120_000)

  afterAll(async () => {
    proxied.transport.close()
    proxy.close()
    direct.transport.close()
    await down(CLUSTER)
  })

  const configMap = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: NAMESPACE, name, labels: { made: 'here' } },
  })
  const create = (client: Client, name = `made-${made++}`, data = {}) =>
    client.create<KubeObject>(CONFIG_MAPS, { ...configMap(name), data })
  const isThere = async (name: string) => (await direct.get(CONFIG_MAPS, { namespace: NAMESPACE, name })) !== undefined

  const named = <T extends { fault: object }>(cases: T[]) =>
    cases.map((one) => ({ ...one, what: Object.values(one.fault).join(' ') }))

  async function eventually(isSo: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 5000; !isSo(); await Bun.sleep(5))
      if (performance.now() > deadline) throw new Error('not within 5 s')
  }

  const requests: { fault: RequestFault; isCarriedOut: boolean; error?: object; atLeastMs?: number }[] = [
    { fault: { kind: 'late-request', ms: 200 }, isCarriedOut: true, atLeastMs: 200 },
    { fault: { kind: 'late-answer', ms: 200 }, isCarriedOut: true, atLeastMs: 200 },
    { fault: { kind: 'lost-request', cut: 'fin' }, isCarriedOut: false, error: { name: 'TransportError' } },
    { fault: { kind: 'lost-request', cut: 'rst' }, isCarriedOut: false, error: { code: 'ECONNRESET' } },
    { fault: { kind: 'lost-answer', cut: 'fin' }, isCarriedOut: true, error: { name: 'TransportError' } },
    { fault: { kind: 'lost-answer', cut: 'rst' }, isCarriedOut: true, error: { code: 'ECONNRESET' } },
    { fault: { kind: 'half-answer', cut: 'fin' }, isCarriedOut: true, error: { name: 'TransportError' } },
    { fault: { kind: 'half-answer', cut: 'rst' }, isCarriedOut: true, error: { name: 'TransportError' } },
    { fault: { kind: 'refused', status: 500 }, isCarriedOut: false, error: { status: 500, reason: 'InternalError' } },
    { fault: { kind: 'refused', status: 410 }, isCarriedOut: false, error: { status: 410 } },
    { fault: { kind: 'misreported', status: 504 }, isCarriedOut: true, error: { status: 504, reason: 'Timeout' } },
    // the client does as it is told, and the second try passes
    { fault: { kind: 'refused', status: 429, retryAfter: 1 }, isCarriedOut: true, atLeastMs: 900 },
    { fault: { kind: 'refused', status: 503, retryAfter: 1 }, isCarriedOut: true, atLeastMs: 900 },
  ]
  test.each(named(requests))('a request that meets $what', async ({ fault, isCarriedOut, error, atLeastMs = 0 }) => {
    const name = `made-${made++}`
    proxy.inject({ on: 'request', match: { verbs: ['create'], plural: 'configmaps' }, times: 1, fault })
    const started = performance.now()
    const seen = await create(proxied, name).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(performance.now() - started).toBeGreaterThan(atLeastMs - 20)
    if (error) expect(seen).toMatchObject(error)
    else expect(seen).toBeUndefined()
    expect(await isThere(name)).toBe(isCarriedOut)
    // the fault was for one request
    await create(proxied)
  })

  test('a request arrives though its sender has gone', async () => {
    const name = `made-${made++}`
    proxy.inject({ on: 'request', match, times: 1, fault: { kind: 'late-request', ms: 300 } })
    const sent = proxied.create(CONFIG_MAPS, configMap(name), { timeoutMs: 100 })
    await expect(sent).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(await isThere(name)).toBe(false)
    await Bun.sleep(500)
    expect(await isThere(name)).toBe(true)
  })

  test('in a silence nothing passes, and everything arrives after it', async () => {
    const started = performance.now()
    proxy.inject({ on: 'link', fault: { kind: 'silence', ms: 300 } })
    await Promise.all([create(proxied), create(proxied)])
    expect(performance.now() - started).toBeWithin(280, 2000)
    proxy.inject({ on: 'link', fault: { kind: 'silence', ms: 60_000 } })
    const kept = create(proxied)
    proxy.heal()
    await kept
  })

  test('in an outage every connection is reset', async () => {
    proxy.inject({ on: 'link', fault: { kind: 'outage', ms: 60_000 } })
    await expect(create(proxied)).rejects.toMatchObject({ name: 'TransportError' })
    proxy.heal()
    await create(proxied)
  })

  /** Names of what a watch has told, in its order. */
  let told: string[]
  let store: Store<KubeObject>
  let lists: number
  let stop: AbortController

  async function follow(): Promise<void> {
    stop = new AbortController()
    store = new Store(SILENT)
    told = []
    lists = 0
    const metrics = { requested() {}, missed() {}, leading() {}, listed: () => void lists++ }
    await startReflector<KubeObject>({
      ...{
        client: proxied,
        type: CONFIG_MAPS,
        labelSelector: 'made=here',
        store,
        metrics,
        log: SILENT,
        random: () => 0.1,
      },
      transform: (object) => {
        told.push(object.metadata.name as string)
        return object
      },
      signal: stop.signal,
    }).synced
    await Bun.sleep(50)
    told.length = 0
  }
  const knows = (name: string) => store.get(NAMESPACE, name) !== undefined

  beforeEach(follow)
  afterEach(() => {
    proxy.heal()
    stop.abort()
  })

  const watches: { fault: WatchFault; lists?: number; order?: string; atLeastMs?: number }[] = [
    { fault: { kind: 'cut', cut: 'fin', midLine: false } },
    { fault: { kind: 'cut', cut: 'rst', midLine: false } },
    { fault: { kind: 'cut', cut: 'fin', midLine: true } },
    { fault: { kind: 'cut', cut: 'rst', midLine: true } },
    { fault: { kind: 'gone' }, lists: 2 },
    { fault: { kind: 'lag', ms: 300 }, order: 'a b c', atLeastMs: 290 },
    { fault: { kind: 'stall', ms: 300 }, order: 'a b c', atLeastMs: 250 },
    { fault: { kind: 'stall', ms: 300, cut: 'rst' }, atLeastMs: 250 },
    { fault: { kind: 'duplicate', events: 2 }, order: 'a a b b c' },
    { fault: { kind: 'swap', events: 1 }, order: 'b a c' },
  ]
  test.each(named(watches))('a watch that meets $what tells everything in the end', async ({ fault, ...want }) => {
    const prefix = `made-${made++}-`
    const started = performance.now()
    proxy.inject({ on: 'watch', match, fault })
    for (const name of ['a', 'b', 'c']) await create(direct, `${prefix}${name}`)
    await eventually(() => ['a', 'b', 'c'].every((name) => knows(`${prefix}${name}`)))
    expect(performance.now() - started).toBeGreaterThan(want.atLeastMs ?? 0)
    if (want.order) expect(told.map((name) => name.replace(prefix, '')).join(' ')).toBe(want.order)
    expect(lists).toBe(want.lists ?? 1)
  })

  test('a cut leaves no event before the one that it has changed places with', async () => {
    const prefix = `made-${made++}-`
    proxy.inject({ on: 'watch', match, fault: { kind: 'swap', events: 1 } })
    proxy.inject({ on: 'watch', match, fault: { kind: 'cut', cut: 'fin', midLine: true } })
    // longer than the other one: half of both is more than all of that
    await create(direct, `${prefix}a`, { long: 'x'.repeat(5000) })
    await create(direct, `${prefix}b`)
    await eventually(() => knows(`${prefix}b`))
    await eventually(() => knows(`${prefix}a`))
    expect(lists).toBe(1)
  })

  test('a watch without a fault tells at once', async () => {
    const name = `made-${made++}`
    const started = performance.now()
    await create(proxied, name)
    await eventually(() => knows(name))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
