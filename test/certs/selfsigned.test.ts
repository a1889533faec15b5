import { afterEach, beforeEach, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { WEBHOOK_CONFIGURATIONS } from '../../certs/cabundle.ts'
import { splitPem } from '../../certs/pem.ts'
import { SECRETS } from '../../certs/secret.ts'
import { type SelfSignedOptions, startSelfSigned } from '../../certs/selfsigned.ts'
import type { Certificate } from '../../certs/source.ts'
import type { Client } from '../../src/kube/client.ts'
import type { Connection } from '../../src/kube/connection.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { connect, connectClient, freshNamespace, withApiServer } from '../kube/apiserver.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const secretName = 'agentjob-webhook-certificate'

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' }
const rbac = (kind: string, plural: string, namespaced: boolean): ResourceType => ({
  ...RBAC,
  kind,
  plural,
  namespaced,
})
const ROLES = rbac('Role', 'roles', true)
const ROLE_BINDINGS = rbac('RoleBinding', 'rolebindings', true)
const CLUSTER_ROLES = rbac('ClusterRole', 'clusterroles', false)
const CLUSTER_ROLE_BINDINGS = rbac('ClusterRoleBinding', 'clusterrolebindings', false)

/** A clock that stands still; it is set when so many wait, and wakes them. */
function stoppedClock() {
  const start = Date.now()
  let now = start
  const waiting = new Set<() => void>()
  return {
    now: () => new Date(now),
    wait: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        waiting.add(resolve)
        const abort = () => {
          waiting.delete(resolve)
          reject(signal.reason)
        }
        signal.addEventListener('abort', abort, { once: true })
      }),
    async set(ms: number, waiters = 1) {
      await eventually(() => waiting.size, waiters)
      now = start + ms
      for (const resolve of waiting) resolve()
      waiting.clear()
    },
  }
}

async function eventually(look: () => unknown, want: unknown): Promise<void> {
  const deadline = performance.now() + 5000
  let got = await look()
  while (!Bun.deepEquals(got, want) && performance.now() < deadline) {
    await Bun.sleep(10)
    got = await look()
  }
  expect(got).toEqual(want)
}

withApiServer('self-signed certificates', () => {
  let client: Client
  let namespace: string
  let webhookConfiguration: string
  let clock: ReturnType<typeof stoppedClock>
  let stop: AbortController
  const cleanups: (() => unknown)[] = []

  beforeEach(async () => {
    client = connectClient()
    const fresh = await freshNamespace(client)
    namespace = fresh.name
    webhookConfiguration = `certs-${randomBytes(4).toString('hex')}`
    clock = stoppedClock()
    stop = new AbortController()
    cleanups.push(
      () => stop.abort(),
      fresh.delete,
      () => client.delete(WEBHOOK_CONFIGURATIONS, { name: webhookConfiguration }),
    )
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup()
    client.transport.close()
  })

  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const start = (other: Partial<SelfSignedOptions> = {}) =>
    startSelfSigned({
      client,
      namespace,
      secretName,
      dnsNames: [`agentjob.${namespace}.svc`],
      ipAddresses: [],
      webhookConfiguration,
      signal: stop.signal,
      log,
      now: clock.now,
      wait: clock.wait,
      ...other,
    })

  const createConfiguration = (clientConfig: object = { url: 'https://192.0.2.1/' }) => {
    const webhook = (name: string) => ({
      name,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig,
    })
    return client.create<KubeObject>(WEBHOOK_CONFIGURATIONS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: webhookConfiguration },
      webhooks: [webhook('one.example.com'), webhook('two.example.com')],
    })
  }

  /** The CAs of each webhook. */
  async function published(): Promise<string[][]> {
    const configuration = await client.get<KubeObject>(WEBHOOK_CONFIGURATIONS, { name: webhookConfiguration })
    const webhooks = configuration!.webhooks as { clientConfig: { caBundle?: string } }[]
    return webhooks.map(({ clientConfig }) => splitPem(Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()))
  }

  async function stored(): Promise<Record<string, string>> {
    const secret = await client.get<KubeObject>(SECRETS, { namespace, name: secretName })
    const entries = Object.entries((secret?.data ?? {}) as Record<string, string>)
    return Object.fromEntries(entries.map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]))
  }

  test('the first start makes the Secret and fills every caBundle', async () => {
    await createConfiguration()
    const source = await start()
    const { cert, key, ca } = source.current()
    expect((await client.get<KubeObject>(SECRETS, { namespace, name: secretName }))?.type).toBe('kubernetes.io/tls')
    expect(await stored()).toMatchObject({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca })
    await eventually(published, [[ca], [ca]])
    expect(source.problem()).toBeUndefined()
  })

  test('replicas that start at the same time serve one certificate, a later one the same', async () => {
    const sources = await Promise.all([start(), start(), start(), start()])
    sources.push(await start())
    expect(new Set(sources.map((source) => source.current().cert)).size).toBe(1)
    expect((await stored())['tls.crt']).toBe(sources[0]!.current().cert)
  })

  test('replicas that start at the same time on a certificate that has expired', async () => {
    const old = (await start({ signal: AbortSignal.abort() })).current()
    await clock.set(90 * DAY, 0)
    const sources = await Promise.all([start(), start(), start(), start()])
    const served = sources.map((source) => source.current().cert)
    expect(new Set([...served, (await stored())['tls.crt']]).size).toBe(1)
    expect(served).not.toContain(old.cert)
  })

  test('replicas that renew at the same time go over to one certificate', async () => {
    await createConfiguration()
    const sources = await Promise.all([start(), start(), start()])
    const { cert: old, ca } = sources[0]!.current()
    const heard: Certificate[][] = sources.map(() => [])
    sources.forEach((source, i) => void source.onChange((certificate) => heard[i]!.push(certificate)))
    await eventually(published, [[ca], [ca]])
    await clock.set(60 * DAY, 3)
    await eventually(() => sources.some((source) => source.current().cert === old), false)
    const served = sources.map((source) => source.current().cert)
    expect(new Set([...served, (await stored())['tls.crt']]).size).toBe(1)
    expect(heard.map((list) => list.length)).toEqual([1, 1, 1])
    expect(await published()).toEqual([[ca], [ca]])
  })

  test('a new CA is in caBundle before a certificate of its own is served', async () => {
    await createConfiguration()
    const source = await start()
    const first = source.current()
    await eventually(published, [[first.ca], [first.ca]])
    await clock.set(670 * DAY)
    await eventually(() => source.current().cert === first.cert, false)
    const before = source.current()
    await clock.set(730 * DAY)
    await eventually(async () => (await published()).map((cas) => cas.length), [2, 2])
    await eventually(() => splitPem(source.current().ca).length, 2)
    expect(source.current().cert).toBe(before.cert)
    await clock.set(730 * DAY + 10 * MINUTE)
    await eventually(() => source.current().cert === before.cert, false)
    expect((await published())[0]!.join('')).toBe(source.current().ca)
  })

  test('a caBundle that somebody removes or overwrites is right again', async () => {
    await createConfiguration()
    const { ca } = (await start()).current()
    await eventually(published, [[ca], [ca]])
    const stranger = (await start({ secretName: 'another', webhookConfiguration: undefined })).current().ca
    for (const op of ['remove', 'replace'] as const) {
      const value = op === 'replace' ? Buffer.from(stranger).toString('base64') : undefined
      const path = '/webhooks/1/clientConfig/caBundle'
      await client.jsonPatch(WEBHOOK_CONFIGURATIONS, { name: webhookConfiguration }, [{ op, path, value }])
      await eventually(published, [[ca], [ca]])
    }
  })

  test('the caBundle of a Service in its own namespace is filled, of one in another left alone', async () => {
    await createConfiguration({ service: { name: 'webhook', namespace } })
    const { ca } = (await start()).current()
    await eventually(published, [[ca], [ca]])
    const other = await freshNamespace(client)
    cleanups.push(other.delete)
    const second = await start({ namespace: other.name })
    await eventually(
      second.problem,
      `the API server does not know the CA yet: MutatingWebhookConfiguration ${webhookConfiguration} is of namespace ${namespace}, and this operator's is ${other.name}: a cluster has one`,
    )
    expect(await published()).toEqual([[ca], [ca]])
  })

  test('a configuration that is made later, or made again, is filled as well', async () => {
    const source = await start()
    const { ca } = source.current()
    expect(source.problem()).toBeUndefined()
    for (let i = 0; i < 2; i++) {
      await createConfiguration()
      await eventually(published, [[ca], [ca]])
      await client.delete(WEBHOOK_CONFIGURATIONS, { name: webhookConfiguration })
    }
  })

  test('a Secret that is deleted or spoilt is restored; nothing new is served', async () => {
    const source = await start()
    const before = source.current()
    const content = await stored()
    await client.delete(SECRETS, { namespace, name: secretName })
    await eventually(stored, content)
    const data = { 'tls.crt': 'aGVsbG8=' }
    await client.mergePatch(SECRETS, { namespace, name: secretName }, { data })
    await eventually(stored, content)
    expect(source.current()).toBe(before)
  })

  test('a Secret that somebody else filled is taken over: its certificate stays until ours can be trusted', async () => {
    const theirs = (await start({ secretName: 'another', webhookConfiguration: undefined })).current()
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    await client.create<KubeObject>(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: secretName },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': base64(theirs.cert), 'tls.key': base64(theirs.key), 'ca.crt': base64(theirs.ca) },
    })
    const source = await start()
    expect(source.current().cert).toBe(theirs.cert)
    expect(splitPem(source.current().ca)).toEqual([expect.any(String), theirs.ca])
  })

  test('what the API server refuses is a problem until the CA has been published once', async () => {
    await createConfiguration()
    let refuse = true
    const refusing: Client = {
      ...client,
      jsonPatch: async (...args) => {
        if (refuse) throw new ApiError(403, { message: 'agentjob cannot patch it', reason: 'Forbidden' })
        return client.jsonPatch(...args)
      },
    }
    const source = await start({ client: refusing })
    await eventually(source.problem, 'the API server does not know the CA yet: agentjob cannot patch it')
    refuse = false
    await clock.set(0)
    await eventually(source.problem, undefined)
  })

  test('expired is a problem, with the reason why there is no newer one', async () => {
    let refuse = false
    const refusing: Client = {
      ...client,
      get: async (...args) => {
        if (refuse) throw new ApiError(403, { message: 'agentjob cannot get it', reason: 'Forbidden' })
        return client.get(...args)
      },
    }
    const source = await start({ client: refusing, webhookConfiguration: undefined })
    refuse = true
    await clock.set(90 * DAY)
    await eventually(
      () => source.problem()?.replace(/at .*Z/, 'at X'),
      'the serving certificate expired at X: agentjob cannot get it',
    )
    refuse = false
    await clock.set(90 * DAY)
    await eventually(source.problem, undefined)
    refuse = true
    await expect(start({ client: refusing })).rejects.toThrow('agentjob cannot get it')
  })

  test('the rights that it says it needs are enough', async () => {
    await createConfiguration()
    const user = `system:serviceaccount:${namespace}:agentjob`
    const subjects = [{ kind: 'ServiceAccount', name: 'agentjob', namespace }]
    const binding = (kind: string, roleKind: string, name: string) => ({
      ...meta(kind, name),
      subjects,
      roleRef: { apiGroup: RBAC.group, kind: roleKind, name },
    })
    await client.create<KubeObject>(ROLES, {
      ...meta('Role', 'agentjob', namespace),
      rules: [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: [secretName],
          verbs: ['get', 'update', 'list', 'watch'],
        },
      ],
    })
    const bound = binding('RoleBinding', 'Role', 'agentjob')
    await client.create<KubeObject>(ROLE_BINDINGS, { ...bound, metadata: { name: 'agentjob', namespace } })
    await client.create<KubeObject>(CLUSTER_ROLES, {
      ...meta('ClusterRole', webhookConfiguration),
      rules: [
        {
          apiGroups: [WEBHOOK_CONFIGURATIONS.group],
          resources: [WEBHOOK_CONFIGURATIONS.plural],
          resourceNames: [webhookConfiguration],
          verbs: ['get', 'patch', 'list', 'watch'],
        },
      ],
    })
    await client.create<KubeObject>(
      CLUSTER_ROLE_BINDINGS,
      binding('ClusterRoleBinding', 'ClusterRole', webhookConfiguration),
    )
    for (const type of [CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS]) {
      cleanups.push(() => client.delete(type, { name: webhookConfiguration }))
    }
    const restricted = connectClient(impersonating(user))
    cleanups.push(() => restricted.transport.close())
    const { ca, cert } = (await start({ client: restricted })).current()
    await eventually(published, [[ca], [ca]])
    await client.delete(SECRETS, { namespace, name: secretName })
    await eventually(async () => (await stored())['tls.crt'], cert)
    await clock.set(60 * DAY)
    await eventually(async () => (await stored())['tls.crt'] === cert, false)
  })
})

const meta = (kind: string, name: string, namespace?: string) => ({
  apiVersion: `${RBAC.group}/${RBAC.version}`,
  kind,
  metadata: { name, namespace },
})

function impersonating(user: string): Connection {
  const connection = connect()
  const requestOptions = async () => ({ ...(await connection.requestOptions()), headers: { 'Impersonate-User': user } })
  return { ...connection, requestOptions }
}
