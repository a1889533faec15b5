import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startReflector } from '../../src/kube/reflector.ts'
import { Store } from '../../src/kube/store.ts'
import { CONFIG_MAPS, configMap, connect, connectClient, freshNamespace, withApiServer } from './apiserver.ts'
import { cuttable } from './cuttable.ts'
import { eventually, memoryLog } from './scripted.ts'

withApiServer('a reflector', () => {
  let client: Client
  let namespace: Awaited<ReturnType<typeof freshNamespace>>
  const controllers: AbortController[] = []
  beforeAll(async () => {
    client = connectClient()
    namespace = await freshNamespace(client)
  })
  afterEach(() => {
    for (const controller of controllers.splice(0)) controller.abort()
  })
  afterAll(async () => {
    await namespace.delete()
    client.transport.close()
  })

  async function reflecting(of: Client, labelSelector: string) {
    const controller = new AbortController()
    controllers.push(controller)
    const store = new Store<KubeObject>(memoryLog())
    const told: string[] = []
    store.onChange(({ type, object }) => told.push(`${type} ${object.metadata.name}`))
    const { signal } = controller
    const selection = { namespace: namespace.name, labelSelector }
    const reflector = startReflector({ client: of, type: CONFIG_MAPS, store, ...selection, signal, log: memoryLog() })
    await reflector.synced
    return { store, told }
  }

  const labelled = (name: string, label: string, data = {}) => ({
    ...configMap(namespace.name, name, data),
    metadata: { namespace: namespace.name, name, labels: { [label]: 'y' } },
  })

  test('tells of every change, once', async () => {
    await client.create(CONFIG_MAPS, labelled('before', 'life'))
    const { store, told } = await reflecting(client, 'life')
    store.upsertIfAbsent(await client.create(CONFIG_MAPS, labelled('after', 'life')))
    await client.mergePatch(CONFIG_MAPS, { namespace: namespace.name, name: 'after' }, { data: { a: '1' } })
    await client.delete(CONFIG_MAPS, { namespace: namespace.name, name: 'before' })
    await eventually('the deletion', () => told.includes('deleted before'))
    expect(told).toEqual(['added before', 'added after', 'modified after', 'deleted before'])
    expect(store.get(namespace.name, 'after')).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } })
    expect(store.get(namespace.name, 'after')?.metadata.managedFields).toBeUndefined()
  })

  test('nothing is lost while connections are cut and refused', async () => {
    const proxy = await cuttable(connect())
    const cut = connectClient(proxy.connection)
    const { store, told } = await reflecting(cut, 'cut')
    for (let i = 0; i < 60; i++) {
      await client.create(CONFIG_MAPS, labelled(`cut-${i}`, 'cut'))
      if (i % 20 === 5) proxy.cut(i === 25)
      if (i === 35) proxy.allow()
    }
    await eventually('all of them', () => store.size === 60, 15_000)
    expect(new Set(told).size).toBe(told.length)
    cut.transport.close()
    proxy.close()
  }, 30_000)
})
