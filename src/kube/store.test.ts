import { describe, expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import type { KubeObject } from './object.ts'
import { Store } from './store.ts'

const object = (
  name: string,
  resourceVersion: string,
  uid = name,
  labels: Record<string, string> = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ns', name, uid, resourceVersion, labels },
})

/** A store and what it tells: "added a 1", or with the version before: "modified a 1→2". */
function given(...objects: KubeObject[]) {
  const log = memoryLog()
  const store = new Store<KubeObject>(log)
  for (const one of objects) store.upsert(one)
  const told: string[] = []
  store.onChange(({ type, object, previous }) => {
    const version = object.metadata.resourceVersion
    const before = type === 'modified' ? `${previous?.metadata.resourceVersion}→` : ''
    told.push(`${type} ${object.metadata.name} ${before}${version}`)
  })
  return { store, told, log }
}

const names = (objects: Iterable<KubeObject>) => [...objects].map((o) => o.metadata.name).sort()

describe('events', () => {
  test('added, modified, deleted; the same again is no change', () => {
    const { store, told } = given()
    store.upsert(object('a', '1'))
    store.upsert(object('a', '1'))
    store.upsert(object('a', '2'))
    store.delete(object('a', '3'))
    store.delete(object('a', '3'))
    expect(told).toEqual(['added a 1', 'modified a 1→2', 'deleted a 3'])
    expect(store.size).toBe(0)
  })

  test('another object of that name is one that went and one that came', () => {
    const { store, told } = given(object('a', '1', 'old'))
    store.upsert(object('a', '5', 'new'))
    expect(told).toEqual(['deleted a 1', 'added a 5'])
  })

  test('a listener that throws is logged, the others are called, and none after it is unsubscribed', () => {
    const { store, told, log } = given()
    const stop = store.onChange(() => {
      throw new Error('mine')
    })
    const seen: number[] = []
    store.onChange(() => seen.push(store.size))
    store.upsert(object('a', '1'))
    stop()
    store.upsert(object('b', '1'))
    expect({ told: told.length, seen, logged: log.entries.length }).toEqual({ told: 2, seen: [1, 2], logged: 1 })
  })
})

describe('replace', () => {
  test('by what a list has', () => {
    const { store, told } = given(object('same', '1'), object('changed', '1'), object('gone', '1'))
    store.startReplace()([object('same', '1'), object('changed', '2'), object('new', '3')])
    expect(told).toEqual(['modified changed 1→2', 'added new 3', 'deleted gone 1'])
  })

  test('keeps what we created while the list was on its way, not what we created before', () => {
    const { store, told } = given()
    store.upsertIfAbsent(object('before', '1'))
    const replace = store.startReplace()
    store.upsertIfAbsent(object('meanwhile', '2'))
    replace([])
    expect(told.slice(2)).toEqual(['deleted before 1'])
    expect(names(store.values())).toEqual(['meanwhile'])
    store.startReplace()([])
    expect(store.size).toBe(0)
  })
})

describe('upsertIfAbsent', () => {
  test('adds, and the watch event that follows is no change', () => {
    const { store, told } = given()
    store.upsertIfAbsent(object('a', '1'))
    store.upsert(object('a', '1'))
    expect(told).toEqual(['added a 1'])
  })

  test('drops managedFields, which nothing after it would', () => {
    const { store } = given()
    const created = object('a', '1')
    store.upsertIfAbsent({ ...created, metadata: { ...created.metadata, managedFields: [{ manager: 'agentjob' }] } })
    expect(store.get('ns', 'a')?.metadata).toEqual(created.metadata)
  })

  test('leaves alone what is there, which may be newer', () => {
    const { store, told } = given(object('a', '7'))
    store.upsertIfAbsent(object('a', '1'))
    expect(told).toEqual([])
  })

  test('does not bring back what was deleted before our POST was answered', () => {
    const { store } = given(object('a', '1'))
    store.delete(object('a', '2'))
    store.upsertIfAbsent(object('a', '1'))
    expect(store.size).toBe(0)
  })

  test('a deletion is remembered for ten minutes: no answer to a POST takes longer', () => {
    let now = 0
    const store = new Store<KubeObject>(memoryLog(), () => now)
    const gone = (name: string) => {
      store.upsert(object(name, '1'))
      store.delete(object(name, '2'))
    }
    gone('a')
    now = 590_000
    gone('b')
    store.upsertIfAbsent(object('a', '1'))
    expect(store.size).toBe(0)
    now = 601_000
    gone('c')
    for (const name of ['a', 'b', 'c']) store.upsertIfAbsent(object(name, '1'))
    expect(names(store.values())).toEqual(['a'])
  })

  test('is not undone by the end of a predecessor', () => {
    const { store } = given()
    store.upsertIfAbsent(object('a', '5', 'new'))
    store.delete(object('a', '4', 'old'))
    expect(store.get('ns', 'a')?.metadata.uid).toBe('new')
    store.upsert(object('a', '5', 'new'))
    store.delete(object('a', '4', 'old'))
    expect(store.get('ns', 'a')?.metadata.uid).toBe('new')
    store.delete(object('a', '6', 'new'))
    expect(store.size).toBe(0)
  })
})

describe('index', () => {
  const byColor = (o: KubeObject) => [o.metadata.labels?.color ?? 'none']

  test('follows every change, and takes in what was there before', () => {
    const { store } = given(object('a', '1', 'a', { color: 'red' }))
    store.index('color', byColor)
    store.upsert(object('b', '1', 'b', { color: 'red' }))
    expect(names(store.byIndex('color', 'red'))).toEqual(['a', 'b'])
    store.upsert(object('a', '2', 'a', { color: 'blue' }))
    store.delete(object('b', '2'))
    expect(names(store.byIndex('color', 'red'))).toEqual([])
    expect(names(store.byIndex('color', 'blue'))).toEqual(['a'])
  })

  test('an unknown one, or the same twice, is a bug', () => {
    const { store } = given()
    store.index('color', byColor)
    expect(() => store.index('color', byColor)).toThrow('index color exists already')
    expect(() => store.byIndex('shape', 'x')).toThrow('there is no index shape')
  })
})

test('another form of an object takes its place, is found by its own indexes, and nobody is told', () => {
  const full = object('a', '1', 'a', { size: 'full' })
  const { store, told } = given(full)
  store.index('size', ({ metadata }) => [metadata.labels?.size ?? ''])
  const outline = object('a', '1', 'a', { size: 'outline' })
  expect(store.swap(full, outline)).toBe(true)
  expect(store.get('ns', 'a')).toBe(outline)
  expect([names(store.byIndex('size', 'full')), names(store.byIndex('size', 'outline'))]).toEqual([[], ['a']])
  store.upsert(object('a', '2'))
  expect(store.swap(outline, full)).toBe(false)
  expect(told).toEqual(['modified a 1→2'])
})

test('look-ups', () => {
  const { store } = given(object('a', '1'))
  expect(store.get('ns', 'a')).toBe(store.getByKey('ns/a'))
  expect(store.get('other', 'a')).toBeUndefined()
  expect(names(store.values())).toEqual(['a'])
})
