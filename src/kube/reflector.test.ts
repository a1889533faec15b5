import { afterEach, describe, expect, test } from 'bun:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answering, eventually, memoryLog, type ScriptedRequest, scripted } from '../../test/kube/scripted.ts'
import { createClient } from './client.ts'
import type { KubeObject } from './object.ts'
import { type ReflectorOptions, startReflector } from './reflector.ts'
import { Store } from './store.ts'
import { createTransport } from './transport.ts'

const CONFIG_MAPS = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }

const object = (name: string, resourceVersion: string) => ({
  metadata: { namespace: 'ns', name, uid: name, resourceVersion, managedFields: [{}] },
})

type Part = (answer: Answering, request: ScriptedRequest) => void

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/**
 * A reflector on a server that answers one list after the other, and one watch after the other; the last of each again
 * and again.
 */
async function given(o: { lists: Part[]; watches: Part[] }, more: Partial<ReflectorOptions<KubeObject>> = {}) {
  const left = { lists: [...o.lists], watches: [...o.watches] }
  const take = (parts: Part[]) => (parts.length > 1 ? parts.shift()! : parts[0]!)
  const server = await scripted((request, answer) =>
    take(request.query.has('watch') ? left.watches : left.lists)(answer, request),
  )
  const controller = new AbortController()
  const transport = createTransport(server.connection)
  stops.push(() => {
    controller.abort()
    transport.close()
    server.close()
  })
  const log = memoryLog()
  const store = new Store<KubeObject>(log)
  const told: string[] = []
  store.onChange(({ type, object: { metadata } }) => told.push(`${type} ${metadata.name} ${metadata.resourceVersion}`))
  const counted: string[] = []
  const reflector = startReflector({
    client: createClient(transport),
    type: CONFIG_MAPS,
    store,
    signal: controller.signal,
    log,
    random: () => 0.1,
    metrics: {
      requested: () => {},
      leading: () => {},
      listed: () => counted.push('list'),
      missed: (_, n) => counted.push(`missed ${n}`),
    },
    ...more,
  })
  const watches = () => server.requests.filter((r) => r.query.has('watch'))
  return { server, store, told, log, counted, reflector, controller, watches }
}

const list =
  (resourceVersion: string, ...items: object[]): Part =>
  (answer) =>
    answer.json(200, { kind: 'ConfigMapList', metadata: { resourceVersion }, items })

const watch =
  (...parts: ((answer: Answering) => void)[]): Part =>
  (answer) => {
    answer.head()
    for (const part of parts) part(answer)
  }

const event = (type: string, name: string, version: string) => (a: Answering) => a.event(type, object(name, version))
const bookmark = (resourceVersion: string) => (a: Answering) => a.event('BOOKMARK', { metadata: { resourceVersion } })
const silence = watch()

describe('an ordinary life', () => {
  test('lists in pages, then watches from there with bookmarks', async () => {
    const first: Part = (answer) =>
      answer.json(200, { metadata: { resourceVersion: '10', continue: 'next' }, items: [object('a', '1')] })
    const { server, told, reflector, watches, counted } = await given({
      lists: [first, list('10', object('b', '2'))],
      watches: [watch(event('MODIFIED', 'a', '11'), event('ADDED', 'c', '12'), event('DELETED', 'b', '13'))],
    })
    expect(reflector.hasSynced()).toBe(false)
    await reflector.synced
    expect(reflector.hasSynced()).toBe(true)
    await eventually('three events', () => told.length === 5)
    expect(told).toEqual(['added a 1', 'added b 2', 'modified a 11', 'added c 12', 'deleted b 13'])
    expect(counted).toEqual(['list'])
    expect(server.requests[1]!.query.get('continue')).toBe('next')
    expect(Object.fromEntries(watches()[0]!.query)).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '10',
      timeoutSeconds: '276',
    })
  })

  test('kind and apiVersion are filled in, ballast is dropped, selectors reach list and watch', async () => {
    const { server, store, reflector, watches } = await given(
      { lists: [list('1', object('a', '1'))], watches: [silence] },
      {
        namespace: 'ns',
        labelSelector: 'x=y',
        transform: (o) => ({ ...o, kept: true }),
      },
    )
    await reflector.synced
    expect(store.get('ns', 'a')).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      kept: true,
      metadata: { namespace: 'ns', name: 'a', uid: 'a', resourceVersion: '1' },
    })
    await eventually('a watch', () => watches().length === 1)
    for (const request of server.requests) {
      expect(request.path).toBe('/api/v1/namespaces/ns/configmaps')
      expect(request.query.get('labelSelector')).toBe('x=y')
    }
  })

  test('a watch that the server ends is followed by one from the last resourceVersion, a bookmark too', async () => {
    const { told, watches, counted } = await given({
      lists: [list('10')],
      watches: [watch(event('ADDED', 'a', '11'), bookmark('20'), (a) => a.end()), watch(event('ADDED', 'b', '21'))],
    })
    await eventually('both', () => told.length === 2)
    expect(watches().map((r) => r.query.get('resourceVersion'))).toEqual(['10', '20'])
    expect(counted).toEqual(['list'])
  })

  test('ends with its signal', async () => {
    const { server, reflector, controller } = await given({ lists: [list('1')], watches: [silence] })
    await reflector.synced
    await eventually('a watch', () => server.requests.length === 2)
    controller.abort()
    await sleep(50)
    expect(server.requests.length).toBe(2)
  })

  test('synced rejects when it ends before', async () => {
    const { reflector, controller } = await given({ lists: [() => {}], watches: [silence] })
    controller.abort(new Error('enough'))
    await expect(reflector.synced).rejects.toThrow('enough')
  })
})

describe('a watch that breaks', () => {
  const breaks: { name: string; how: (a: Answering) => void }[] = [
    { name: 'FIN', how: (a) => a.fin() },
    { name: 'RST', how: (a) => a.rst() },
    {
      name: 'half a line',
      how: (a) => {
        a.chunk('{"type":"ADDED","object":{"meta')
        a.fin()
      },
    },
    { name: 'silence', how: () => {} },
  ]
  for (const { name, how } of breaks) {
    test(`${name}: goes on from the last resourceVersion, without a list`, async () => {
      const after = (a: Answering) => void setTimeout(() => how(a), 20)
      const { told, watches, counted } = await given(
        { lists: [list('10')], watches: [watch(event('ADDED', 'a', '11'), after), watch(event('ADDED', 'b', '12'))] },
        { watchSeconds: 0.2 },
      )
      await eventually('both', () => told.length === 2)
      expect(watches()[1]!.query.get('resourceVersion')).toBe('11')
      expect(counted).toEqual(['list'])
    })
  }

  test('what comes twice is told once', async () => {
    const twice = [event('ADDED', 'a', '11'), event('ADDED', 'a', '11'), event('MODIFIED', 'a', '12')]
    const { told } = await given({ lists: [list('10')], watches: [watch(...twice, ...twice.slice(2))] })
    await eventually('a change', () => told.length === 2)
    await sleep(20)
    expect(told).toEqual(['added a 11', 'modified a 12'])
  })
})

describe('lists again', () => {
  const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
  const cases: { name: string; how: Part }[] = [
    { name: 'when the watch is refused with 410', how: (answer) => answer.json(410, gone) },
    { name: 'on an ERROR event with 410', how: watch((a) => a.event('ERROR', gone)) },
    {
      name: 'on any ERROR event',
      how: watch((a) => a.event('ERROR', { ...gone, code: 500, reason: 'InternalError' })),
    },
    { name: 'when the resourceVersion is refused', how: (answer) => answer.json(400, { ...gone, code: 400 }) },
  ]
  for (const { name, how } of cases) {
    test(`${name}, and tells what has changed`, async () => {
      const { told, counted, watches } = await given({
        lists: [
          list('10', object('a', '1'), object('b', '1'), object('c', '1')),
          list('50', object('a', '1'), object('b', '40'), object('d', '41')),
        ],
        watches: [how, silence],
      })
      await eventually('a second watch', () => watches().length === 2)
      expect(told.slice(3)).toEqual(['modified b 40', 'added d 41', 'deleted c 1'])
      expect(counted).toEqual(['list', 'list'])
      expect(watches()[1]!.query.get('resourceVersion')).toBe('50')
    })
  }

  test('not on other refusals', async () => {
    const busy: Part = (answer) => answer.json(500, { kind: 'Status', message: 'etcd is away' })
    const { counted, told } = await given({
      lists: [list('10')],
      watches: [busy, busy, watch(event('ADDED', 'a', '11'))],
    })
    await eventually('an event', () => told.length === 1)
    expect(counted).toEqual(['list'])
  })
})

describe('a server in trouble', () => {
  test('a list that fails is tried again, with growing pauses', async () => {
    const no: Part = (answer) => answer.json(403, { kind: 'Status', message: 'not yet', reason: 'Forbidden' })
    const { reflector, log } = await given({ lists: [no, no, no, list('1')], watches: [silence] })
    const started = performance.now()
    await reflector.synced
    // 0.1 × (200 + 400 + 800)
    expect(performance.now() - started).toBeGreaterThan(135)
    expect(log.entries.filter(({ level }) => level === 'warn').length).toBe(3)
  })

  test('a server that ends each watch at once is not hammered', async () => {
    const { watches } = await given({ lists: [list('1')], watches: [watch((a) => a.end())] }, { random: () => 0.5 })
    await sleep(600)
    expect(watches().length).toBeGreaterThanOrEqual(2)
    expect(watches().length).toBeLessThan(5)
  })

  test('a listener that throws is no trouble', async () => {
    const { store, told, log } = await given({
      lists: [list('1')],
      watches: [watch(event('ADDED', 'a', '2'), event('ADDED', 'b', '3'))],
    })
    store.onChange(() => {
      throw new Error('mine')
    })
    await eventually('both', () => told.length === 2)
    expect(log.entries.filter(({ level }) => level === 'error').length).toBe(2)
  })
})

describe('now and then a full list is compared with the cache', () => {
  test('what a watch kept to itself is counted, logged and put right', async () => {
    const truth = [object('a', '1'), object('b', '5'), object('c', '6')]
    const { told, counted, log, server } = await given(
      {
        lists: [list('1', object('a', '1'), object('b', '1'), object('x', '1')), list('9', ...truth)],
        watches: [silence],
      },
      { resyncCompareMs: 50 },
    )
    await eventually('a relist', () => counted.includes('missed 3') && told.length === 6)
    expect(told.slice(3)).toEqual(['modified b 5', 'added c 6', 'deleted x 1'])
    const compare = server.requests.filter((r) => r.headers.accept?.includes('PartialObjectMetadataList'))
    expect(compare.length).toBeGreaterThan(0)
    expect(log.entries.find(({ message }) => message === 'a watch has missed objects')?.fields).toMatchObject({
      count: 3,
      missed: ['ns/b', 'ns/c', 'ns/x'],
    })
  })

  test('what changes meanwhile is not missed: the list may be older than the cache, or newer', async () => {
    const late = (a: Answering) =>
      void setTimeout(() => {
        a.event('MODIFIED', object('a', '7'))
        a.event('ADDED', object('b', '8'))
      }, 120)
    const { counted, server } = await given(
      {
        lists: [
          list('1', object('a', '1')),
          list('5', object('a', '1')),
          list('9', object('a', '7'), object('b', '8')),
        ],
        watches: [watch(late)],
      },
      { resyncCompareMs: 100 },
    )
    await eventually('three comparisons', () => server.requests.length > 4)
    expect(counted).toEqual(['list'])
  })
})
