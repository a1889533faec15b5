import { expect, test } from 'bun:test'
import { createEventRecorder, EVENTS } from '../../src/kube/events.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { CONFIG_MAPS, configMap, connectClient, freshNamespace, withApiServer } from './apiserver.ts'
import { eventually, memoryLog } from './scripted.ts'

withApiServer('events', () => {
  test('are stored, counted in a series, and shown with their object', async () => {
    const client = connectClient()
    const namespace = await freshNamespace(client)
    const log = memoryLog()
    const recorder = { client, component: 'agentjob.io/controller', instance: 'pod-1', now: Date.now, log }
    const record = createEventRecorder(recorder)
    const object = await client.create(CONFIG_MAPS, configMap(namespace.name, 'regarded'))
    for (let i = 0; i < 3; i++) record(object, 'Warning', 'Failed', 'it failed')
    record(object, 'Normal', 'Started', 'ä'.repeat(1000))

    const events = async () => (await client.list<KubeObject>(EVENTS, { namespace: namespace.name })).items
    await eventually('two events, one of them three times', async () => {
      const all = await events()
      return all.length === 2 && all.some((e) => (e.series as { count: number })?.count === 3)
    })
    expect(log.entries).toEqual([])
    const [failed] = (await events()).filter(({ reason }) => reason === 'Failed')
    expect(failed).toMatchObject({
      type: 'Warning',
      action: 'Failed',
      note: 'it failed',
      reportingController: 'agentjob.io/controller',
      reportingInstance: 'pod-1',
      regarding: { kind: 'ConfigMap', name: 'regarded', uid: object.metadata.uid },
    })
    const legacy = { ...EVENTS, group: '' }
    const fieldSelector = `involvedObject.uid=${object.metadata.uid}`
    expect((await client.list(legacy, { namespace: namespace.name, fieldSelector })).items.length).toBe(2)
    await namespace.delete()
    client.transport.close()
  })

  test('of something cluster-scoped are in the namespace default', async () => {
    const client = connectClient()
    const log = memoryLog()
    const record = createEventRecorder({ client, component: 'a.io/b', instance: 'i', now: Date.now, log })
    const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'somewhere', uid: crypto.randomUUID() } }
    record(regarding, 'Normal', 'Seen', 'it was seen')
    const legacy = { ...EVENTS, group: '' }
    const selection = { namespace: 'default', fieldSelector: `involvedObject.uid=${regarding.metadata.uid}` }
    await eventually('an event', async () => (await client.list(legacy, selection)).items.length === 1)
    expect(log.entries).toEqual([])
    client.transport.close()
  })
})
