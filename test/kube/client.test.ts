import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import {
  type ApiError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
} from '../../src/kube/transport.ts'
import { CONFIG_MAPS, configMap, connectClient, freshNamespace, JOBS, withApiServer } from './apiserver.ts'

withApiServer('the verbs', () => {
  let client: Client
  let namespace: Awaited<ReturnType<typeof freshNamespace>>
  beforeAll(async () => {
    client = connectClient()
    namespace = await freshNamespace(client)
  })
  afterAll(async () => {
    await namespace.delete()
    client.transport.close()
  })
  const failure = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: ApiError) => error)
  const key = (name: string) => ({ namespace: namespace.name, name })

  test('create, get, list, update, delete', async () => {
    const created = await client.create(CONFIG_MAPS, configMap(namespace.name, 'verbs', { a: '1' }))
    expect(created.metadata.uid).toEqual(expect.any(String))
    expect(await client.get(CONFIG_MAPS, key('verbs'))).toEqual(created)
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, {
      namespace: namespace.name,
      fieldSelector: 'metadata.name=verbs',
    })
    expect(items).toEqual([created])
    expect(resourceVersion).toMatch(/^\d+$/)
    const updated = await client.update(CONFIG_MAPS, { ...created, data: { a: '2' } })
    expect(updated.data).toEqual({ a: '2' })
    expect(isConflict(await failure(client.update(CONFIG_MAPS, created)))).toBe(true)
    const stranger = client.delete(CONFIG_MAPS, key('verbs'), { uid: 'another' })
    expect(isConflict(await failure(stranger))).toBe(true)
    expect(await client.delete(CONFIG_MAPS, key('verbs'), { uid: created.metadata.uid })).toBe(true)
    expect(await client.delete(CONFIG_MAPS, key('verbs'))).toBe(false)
    expect(await client.get(CONFIG_MAPS, key('verbs'))).toBeUndefined()
  })

  test('server-side apply creates, is a fixed point, conflicts, and forces', async () => {
    const apply = (value: string, fieldManager: string, force = false) =>
      client.apply(CONFIG_MAPS, configMap(namespace.name, 'applied', { a: value }), { fieldManager, force })
    const first = await apply('1', 'one')
    expect((await apply('1', 'one')).metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const error = await failure(apply('2', 'two'))
    expect(isConflict(error)).toBe(true)
    expect(error?.causes[0]).toMatchObject({ reason: 'FieldManagerConflict', field: '.data.a' })
    expect((await apply('2', 'two', true)).data).toEqual({ a: '2' })
  })

  test('patches', async () => {
    await client.create(CONFIG_MAPS, configMap(namespace.name, 'patched', { a: '1', b: '1' }))
    const merged = await client.mergePatch<KubeObject>(CONFIG_MAPS, key('patched'), { data: { a: null, c: '2' } })
    expect(merged.data).toEqual({ b: '1', c: '2' })
    const patch = [{ op: 'replace', path: '/data/b', value: '3' } as const]
    expect((await client.jsonPatch<KubeObject>(CONFIG_MAPS, key('patched'), patch)).data).toEqual({ b: '3', c: '2' })
    expect(isNotFound(await failure(client.mergePatch(CONFIG_MAPS, key('nobody'), {})))).toBe(true)
  })

  test('a subresource', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } }
    await client.create(JOBS, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: key('status'),
      spec: { template, suspend: true },
    } as KubeObject)
    const patch = { status: { startTime: '2026-01-01T00:00:00Z' }, spec: { parallelism: 7 } }
    const patched = await client.mergePatch<KubeObject>(JOBS, key('status'), patch, {
      subresource: 'status',
      dryRun: true,
    })
    expect(patched).toMatchObject({ status: { startTime: '2026-01-01T00:00:00Z' }, spec: { parallelism: 1 } })
  })

  test('dry run stores nothing; warnings and strict field validation arrive', async () => {
    const object = { ...configMap(namespace.name, 'dry'), unknown: 1 }
    const warnings: string[] = []
    await client.create(CONFIG_MAPS, object, { dryRun: true, onWarning: (text) => warnings.push(text) })
    expect(warnings).toEqual(['unknown field "unknown"'])
    expect(await client.get(CONFIG_MAPS, key('dry'))).toBeUndefined()
    const strict = await failure(client.create(CONFIG_MAPS, object, { fieldValidation: 'Strict' }))
    expect({ status: strict?.status, reason: strict?.reason }).toEqual({ status: 400, reason: 'BadRequest' })
  })

  test('refusals have their names', async () => {
    await client.create(CONFIG_MAPS, configMap(namespace.name, 'taken'))
    expect(isAlreadyExists(await failure(client.create(CONFIG_MAPS, configMap(namespace.name, 'taken'))))).toBe(true)
    expect(isInvalid(await failure(client.create(CONFIG_MAPS, configMap(namespace.name, 'No Name'))))).toBe(true)
    const anonymous = connectClient({
      ...(await import('./apiserver.ts')).connect(),
      requestOptions: withoutCredentials,
    })
    expect(isForbidden(await failure(anonymous.list(CONFIG_MAPS)))).toBe(true)
  })

  test('lists come in pages, complete', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `page-${i}`)
    const labelled = (name: string) => ({
      ...configMap(namespace.name, name),
      metadata: { ...key(name), labels: { page: 'y' } },
    })
    await Promise.all(names.map((name) => client.create(CONFIG_MAPS, labelled(name))))
    const o = { namespace: namespace.name, labelSelector: 'page=y', limit: 10 }
    const { items } = await client.list(CONFIG_MAPS, o)
    expect(items.map(({ metadata }) => metadata.name!).sort()).toEqual(names.toSorted())
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
  })
})

/** The CA without the client's certificate. */
async function withoutCredentials() {
  const { connect } = await import('./apiserver.ts')
  const { ca } = await connect().requestOptions()
  return { ca }
}
