import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { may } from '../e2e/users.ts'
import { agentJob, apply, eventually, getAgentJob, newNamespace, secret, theWorld } from '../e2e/world.ts'
import { NAMESPACE } from '../operator/install.ts'
import {
  AGENT_JOBS_ALONE,
  asks,
  asksFor,
  denied,
  newTenant,
  type Outcome,
  ofKind,
  served,
  type Tenant,
  theTenant,
  tries,
} from './tenant.ts'

/*
 * Wanted: what stands in a Secret or a ConfigMap that one may not read. A namespace is the border: within it, who may
 * create pods may name every Secret, and AgentJob gives and takes nothing.
 */

/** Everywhere that a Secret can be named; `name` is whatever somebody writes there. */
const PLACES: { name: string; path: string; object: (name: unknown) => object }[] = [
  {
    name: 'env',
    path: 'spec.env[0].valueFrom.secretKeyRef.name',
    object: (name) => agentJob('a', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name, key: 'key' } } }] }),
  },
  {
    name: 'envFrom',
    path: 'spec.envFrom[0].secretRef.name',
    object: (name) => agentJob('a', { envFrom: [{ secretRef: { name } }] }),
  },
  {
    name: 'a context',
    path: 'spec.contexts[0].secret.name',
    object: (name) => agentJob('a', { contexts: [{ type: 'Secret', secret: { name }, mountPath: '/etc/loot' }] }),
  },
  {
    name: 'a Context',
    path: 'spec.secret.name',
    object: (name) => ofKind('Context', 'a', { type: 'Secret', secret: { name } }),
  },
  {
    name: 'credentials',
    path: 'spec.credentials[0].secretRef.name',
    object: (name) => ofKind('AgentRuntime', 'a', { image: 'a', credentials: [{ name: 'loot', secretRef: { name } }] }),
  },
  {
    name: 'imagePullSecrets',
    path: 'spec.imagePullSecrets[0].name',
    object: (name) => ofKind('AgentRuntime', 'a', { image: 'a', imagePullSecrets: [{ name }] }),
  },
  {
    name: 'an AgentAuth',
    path: 'spec.secretRef.name',
    object: (name) => ofKind('AgentAuth', 'a', { secretRef: { name, key: 'key' } }),
  },
  {
    name: 'a Repository',
    path: 'spec.tokenSecretRef.name',
    object: (name) => ofKind('Repository', 'a', { owner: 'a', name: 'a', tokenSecretRef: { name, key: 'key' } }),
  },
  {
    name: 'an McpServer',
    path: 'spec.headers[0].valueFrom.secretKeyRef.name',
    object: (name) =>
      ofKind('McpServer', 'a', {
        url: 'https://example.com',
        headers: [{ name: 'A', valueFrom: { secretKeyRef: { name, key: 'key' } } }],
      }),
  },
]

const NO_NAME = 'must be the name of an object: lower case letters, digits, "-" and "."'

for (const { name, path, object } of PLACES) {
  test.concurrent(`${name} leads to no Secret of another namespace, by its name`, async () => {
    for (const other of ['theirs/loot', '../theirs/secrets/loot', 'theirs%2Floot', 'theirs:loot'])
      expect((await asks(await theTenant(), object(other))).refused).toBe(denied(`${path}: ${NO_NAME}, not "${other}"`))
  })

  test.concurrent(`${name} leads to no Secret of another namespace, by a field`, async () => {
    const field = path.replace(/name$/, 'namespace')
    const given = withField(object('loot'), field, 'theirs')
    const strict = await tries(await theTenant(), given, { dryRun: true, fieldValidation: 'Strict' })
    expect(strict.refused).toContain(`strict decoding error: unknown field "${field}"`)
    const { object: stored } = await tries(await theTenant(), given, { dryRun: true, fieldValidation: 'Ignore' })
    expect(stored).toBeDefined()
    const { managedFields: _, ...metadata } = stored?.metadata ?? {}
    expect(JSON.stringify({ ...stored, metadata })).not.toContain('theirs')
  })
}

/** An object with one more field. */
function withField(object: object, path: string, value: unknown): object {
  const changed = structuredClone(object)
  const steps = path.split(/[.[\]]+/)
  const last = steps.pop() as string
  const parent = steps.reduce((at, step) => at[step] as Record<string, unknown>, changed as Record<string, unknown>)
  parent[last] = value
  return changed
}

/** What a podTemplate can have beside; the API server decides on what is inside, as it does for a pod. */
const VOLUMES: { name: string; volume: object }[] = [
  { name: 'secret', volume: { secret: { secretName: 'loot', namespace: 'theirs' } } },
  { name: 'projected', volume: { projected: { sources: [{ secret: { name: 'loot', namespace: 'theirs' } }] } } },
  {
    name: 'csi',
    volume: {
      csi: { driver: 'secrets.example.com', nodePublishSecretRef: { name: 'loot', namespace: 'theirs' } },
    },
  },
  {
    name: 'ephemeral',
    volume: {
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { namespace: 'theirs' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
        },
      },
    },
  },
]

test.concurrent('a volume of a podTemplate leads to no other namespace: its Job has lost the way there', async () => {
  const mallory = await newTenant()
  const volumes = VOLUMES.filter(({ name }) => name !== 'ephemeral').map(({ name, volume }) => ({ name, ...volume }))
  await tries(mallory, agentJob('mine', { podTemplate: { spec: { volumes } } }))
  const { client } = await theWorld()
  const jobs = await eventually(
    'the Job',
    async () => (await client.list<KubeObject>(served('Job'), { namespace: mallory.namespace })).items,
    (items) => items.length === 1,
  )
  expect(JSON.stringify(jobs[0]?.spec)).toContain('"loot"')
  expect(JSON.stringify(jobs[0]?.spec)).not.toContain('theirs')
})

test.concurrent('a claim for another namespace is one that the API server refuses', async () => {
  const mallory = await newTenant()
  const { volume } = VOLUMES.find(({ name }) => name === 'ephemeral') as (typeof VOLUMES)[number]
  await tries(mallory, agentJob('mine', { podTemplate: { spec: { volumes: [{ name: 'loot', ...volume }] } } }))
  const { status } = await eventually(
    'the refusal of the Job',
    () => getAgentJob(mallory.namespace, 'mine'),
    ({ status }) => status?.reason === 'Refused',
  )
  expect(status?.message).toContain('ephemeral.volumeClaimTemplate.metadata.namespace: Forbidden: cannot be set')
})

test.concurrent('what names a Secret of the namespace gets no more of it than a pod, which its author may create', async () => {
  const mallory = await newTenant()
  await apply(mallory.namespace, secret('loot', { key: 'the-private-part' }))
  const [pod, job] = [
    await asks(mallory, podWith({ name: 'A', valueFrom: { secretKeyRef: { name: 'loot', key: 'key' } } })),
    await tries(mallory, agentJob('mine', { suspend: true, envFrom: [{ secretRef: { name: 'loot' } }] })),
  ]
  expect([pod.refused, job.refused]).toEqual([undefined, undefined])
  // named, and never read
  expect(JSON.stringify(job.object)).not.toContain('the-private-part')
})

test.concurrent('the operator, in whose name all of this is made, may read no Secret of a namespace', async () => {
  const operator = `system:serviceaccount:${NAMESPACE}:agentjob`
  const namespace = await newNamespace()
  for (const verb of ['get', 'list', 'watch'])
    expect(await may(operator, namespace, { apiGroups: [''], resources: ['secrets'], verbs: [verb] })).toBe(false)
})

const podWith = (variable: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'a',
        image: 'a',
        env: [variable],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
})

// Whether something exists

/** What an answer says, without what is another one each time, and without the name that was asked about. */
const withoutName = ({ object, warnings, refused }: Outcome, name: string) =>
  JSON.stringify([object, warnings, refused], (key, value) =>
    ['uid', 'creationTimestamp', 'time', 'signature', 'configHash', 'specHash', 'inputHash', 'revision'].includes(key)
      ? ''
      : value,
  )
    .replaceAll(name, 'NAME')
    .replaceAll(/\b[0-9a-f]{8,64}\b/g, 'HASH')

const pairs: { name: string; make: (name: string) => object; spec: (name: string) => object }[] = [
  ...PLACES.filter(({ path }) => /^spec\.(env|envFrom|contexts)\[/.test(path)).map(({ name, object }) => ({
    name: `a Secret, by ${name}`,
    make: (of: string) => secret(of, { key: 'the-private-part' }),
    spec: (of: string) => (object(of) as { spec: object }).spec,
  })),
  ...VOLUMES.filter(({ name }) => ['secret', 'projected'].includes(name)).map(({ name, volume }) => ({
    name: `a Secret, by a volume of a podTemplate (${name})`,
    make: (of: string) => secret(of, { key: 'the-private-part' }),
    spec: (of: string) => ({
      podTemplate: { spec: { volumes: [JSON.parse(JSON.stringify({ name: 'v', ...volume }).replaceAll('loot', of))] } },
    }),
  })),
  {
    name: 'a ConfigMap, by env',
    make: (of) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: of }, data: { key: 'private' } }),
    spec: (of) => ({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: of, key: 'key' } } }] }),
  },
  {
    name: 'a ConfigMap, by a context',
    make: (of) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: of }, data: { key: 'private' } }),
    spec: (of) => ({ contexts: [{ type: 'ConfigMap', configMap: { name: of } }] }),
  },
  {
    name: 'a key of a ConfigMap, by a context',
    make: (of) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: of }, data: { key: 'private' } }),
    spec: (of) => ({ contexts: [{ type: 'ConfigMap', configMap: { name: of, key: 'key', optional: true } }] }),
  },
  {
    name: 'a ClusterAccess',
    make: (of) => ofKind('ClusterAccess', of, { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] }),
    spec: (of) => ({ clusterAccessRef: of }),
  },
  {
    name: 'a volume claim',
    make: (of) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: of },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }),
    spec: (of) => ({ podTemplate: { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: of } }] } } }),
  },
]

/** Somebody who may write AgentJobs and nothing else, not even read what they name. */
let alone: Promise<Tenant> | undefined
const theAuthor = () => {
  alone ??= newTenant(AGENT_JOBS_ALONE)
  return alone
}

for (const { name, make, spec } of pairs)
  test.concurrent(`the answer does not tell whether there is such ${name}`, async () => {
    const mallory = await theAuthor()
    const id = Math.random().toString(36).slice(2, 8)
    const [there, missing] = [`there-${id}`, `never-${id}`]
    await apply(mallory.namespace, make(there))
    const [one, other] = [await asksFor(mallory, spec(there)), await asksFor(mallory, spec(missing))]
    expect(withoutName(one, there)).toBe(withoutName(other, missing))
    expect(JSON.stringify(one)).not.toContain('private')
  })

test.concurrent('a ConfigMap that one may not read is refused in the same words whether it is there or not', async () => {
  const mallory = await theAuthor()
  const { namespace, name } = mallory
  for (const one of ['kube-root-ca.crt', 'missing'])
    expect((await asksFor(mallory, { contexts: [{ type: 'ConfigMap', configMap: { name: one } }] })).refused).toBe(
      denied(
        `spec.contexts[0].configMap.name: ${name} may not read ConfigMap "${one}" in namespace ${namespace}, which the agent would be told: it takes the verb "get" on it`,
      ),
    )
})
