import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Fields } from '../../src/api/isfields.ts'
import { applyInstallation, INSTALLER, removeInstallation } from '../../src/cli/install/apply.ts'
import { toYaml } from '../../src/cli/print.ts'
import { installManifests, labelsOf } from '../../src/install/manifests.ts'
import { userOf } from '../../src/install/names.ts'
import { installedType } from '../../src/install/types.ts'
import { overDefaults, Values } from '../../src/install/values.ts'
import { reviewAccess } from '../../src/kube/access.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { CASES, NAMESPACE, program, template } from './chart.ts'

/*
 * An installation on a control plane of its own, because names are the same in every cluster. No pods run: what their
 * programs do under these accounts is seen in test/e2e/accounts.test.ts.
 */

setDefaultTimeout(120_000)

let cluster: ClusterHandle
let client: Client
const clients: Client[] = []

beforeAll(async () => {
  cluster = await up({
    name: 'agentjob-chart',
    pods: false,
    fresh: true,
    progress: (line) => console.error(`  ${line}`),
  })
  client = connect()
  await removeEverything()
})
afterAll(async () => {
  for (const one of clients) one.transport.close()
  if (!process.env.AGENTJOB_TEST_KUBECONFIG) await down('agentjob-chart')
})

/** A client; as another user where one is named. */
function connect(user?: string, groups: string[] = []): Client {
  const connection = loadConnection({ kubeconfig: cluster.kubeconfig })
  const as =
    user === undefined ? {} : { 'Impersonate-User': user, 'Impersonate-Group': [...groups, 'system:authenticated'] }
  const one = createClient(
    createTransport({
      ...connection,
      async requestOptions() {
        const options = await connection.requestOptions()
        return { ...options, headers: { ...options.headers, ...as } }
      },
    }),
  )
  clients.push(one)
  return one
}

const LABELS = labelsOf({ version: '0.0.0-test', managedBy: INSTALLER })
const NAMESPACE_OBJECT: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels: { ...LABELS, 'pod-security.kubernetes.io/enforce': 'restricted' } },
}

const objectsOf = (values: Fields = {}): KubeObject[] => [
  NAMESPACE_OBJECT,
  ...installManifests({
    values: Values.parse(overDefaults([values])),
    namespace: NAMESPACE,
    version: '0.0.0-test',
    labels: LABELS,
  }),
]

/** Installs; gives the lines that it told. */
async function install(values: Fields = {}): Promise<string[]> {
  const lines: string[] = []
  await applyInstallation(client, objectsOf(values), NAMESPACE, (line) => lines.push(line))
  return lines
}

/** What an earlier run of these tests has left. */
async function removeEverything(): Promise<void> {
  for (const object of objectsOf({ policies: { expansion: { enabled: true }, status: { enabled: true } } }).reverse()) {
    if (object.kind === 'Namespace' || object.kind === 'CustomResourceDefinition') continue
    const { name = '', namespace } = object.metadata
    await client.delete(installedType(object), { name, namespace })
  }
}

const failureOf = (work: Promise<unknown>): Promise<{ lines: string[] }> =>
  work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error) => error,
  )

const type = (kind: string): ResourceType => installedType({ apiVersion: '', kind, metadata: {} })
const AGENT_JOBS: ResourceType = {
  group: 'agentjob.io',
  version: 'v1alpha1',
  kind: 'AgentJob',
  plural: 'agentjobs',
  namespaced: true,
}

describe('an installation', () => {
  test('creates everything', async () => {
    const lines = await install()
    expect(lines.filter((line) => !/ (created|configured|unchanged)$/.test(line))).toEqual([])
    expect(lines).toHaveLength(objectsOf().length)
  })

  test('changes nothing the second time', async () => {
    const lines = await install()
    expect(lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([])
  })

  test('brings other values, and removes what they have no place for', async () => {
    const lines = await install({
      logLevel: 'debug',
      controller: { replicas: 1 },
      networkPolicy: { enabled: false },
      rbac: { aggregate: false },
    })
    expect(lines.filter((line) => !line.endsWith(' unchanged')).sort()).toEqual([
      'clusterrole.rbac.authorization.k8s.io/agentjob-admin deleted',
      'clusterrole.rbac.authorization.k8s.io/agentjob-edit deleted',
      'clusterrole.rbac.authorization.k8s.io/agentjob-view deleted',
      'configmap/agentjob-settings configured',
      'deployment.apps/agentjob-controller configured',
      'networkpolicy.networking.k8s.io/agentjob-controller deleted',
      'networkpolicy.networking.k8s.io/agentjob-webhook deleted',
    ])
    await install()
  })

  test('leaves the caBundle that the webhook writes', async () => {
    const key = { name: 'agentjob' }
    const path = '/webhooks/0/clientConfig/caBundle'
    const registration = type('MutatingWebhookConfiguration')
    const caBundle = Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64')
    // any certificate will do; the API server wants to parse it
    const { body } = await client.transport.request({
      method: 'GET',
      path: '/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt',
    })
    const ca = Buffer.from(body.data['ca.crt']).toString('base64')
    await client.jsonPatch(registration, key, [{ op: 'add', path, value: ca }], { fieldManager: 'agentjob' })
    await install({ webhook: { timeoutSeconds: 7 } })
    const live = (await client.get<KubeObject>(registration, key)) as KubeObject & {
      webhooks: { clientConfig: object; timeoutSeconds: number }[]
    }
    expect(live.webhooks[0]).toMatchObject({ clientConfig: { caBundle: ca }, timeoutSeconds: 7 })
    // and tells of it where it is to be another one
    const provided = {
      certificates: {
        mode: 'provided',
        provided: { secretName: 'tls', caBundle: Buffer.from(caBundle, 'base64').toString() },
      },
    }
    const { lines } = await failureOf(install(provided))
    expect(lines.join('\n')).toContain('mutatingwebhookconfiguration.admissionregistration.k8s.io/agentjob: ')
    await install()
  })

  test('tells of a field that somebody else has set, and writes nothing', async () => {
    const key = { namespace: NAMESPACE, name: 'agentjob-webhook' }
    const scaled = { spec: { replicas: 7 } }
    await client.mergePatch(type('Deployment'), key, scaled, { fieldManager: 'kubectl-edit' })
    const { lines } = await failureOf(install({ settings: { missingReferences: 'Deny' } }))
    expect(lines).toEqual([
      expect.stringMatching(
        /^deployment\.apps\/agentjob-webhook: Apply failed with 1 conflict: .*"kubectl-edit".*\.spec\.replicas/s,
      ),
      `nothing was written to namespace ${NAMESPACE} or to the cluster`,
    ])
    const settings = await client.get<KubeObject>(type('ConfigMap'), {
      namespace: NAMESPACE,
      name: 'agentjob-settings',
    })
    expect(JSON.stringify(settings?.data)).toContain('Warn')
    await client.apply(
      type('Deployment'),
      objectsOf().find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === key.name) as KubeObject,
      { fieldManager: INSTALLER, force: true },
    )
  })

  test('kubectl diff, as the help has it, shows what a value would change, and meets no conflict', async () => {
    const { stdout } = await Bun.$`bin/agentjob install --help`.quiet()
    const [, flags = ''] = /kubectl (diff .*) -f -/.exec(stdout.toString()) ?? []
    const objects = objectsOf({ webhook: { replicas: 5 } }).filter(({ kind }) => kind === 'Deployment')
    const diff = Bun.spawn([cluster.bin.kubectl, ...flags.split(' '), '-f', '-'], {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdin: new Blob([objects.map((object) => `---\n${toYaml(object)}`).join('')]),
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [out, err, code] = await Promise.all([diff.stdout.text(), diff.stderr.text(), diff.exited])
    expect({ err, code }).toEqual({ err: '', code: 1 })
    expect(out).toContain('+  replicas: 5')
  })

  test('leaves alone what is not its own, and says how to go on', async () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'agentjob-view' },
      rules: [],
    }
    await client.delete(type('ClusterRole'), { name: 'agentjob-view' })
    await client.create<KubeObject>(type('ClusterRole'), role)
    const { lines } = await failureOf(install())
    expect(lines).toEqual([
      'clusterrole.rbac.authorization.k8s.io/agentjob-view: is there, and not from "agentjob install"; remove it, hand it over with "kubectl label --overwrite clusterrole agentjob-view app.kubernetes.io/managed-by=agentjob-install"',
    ])
    const metadata = {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'aj', 'meta.helm.sh/release-namespace': 'ops' },
    }
    await client.mergePatch(type('ClusterRole'), { name: 'agentjob-view' }, { metadata })
    expect(await failureOf(install())).toMatchObject({
      lines: [
        'clusterrole.rbac.authorization.k8s.io/agentjob-view: belongs to the Helm release ops/aj; upgrade that one',
      ],
    })
    await client.delete(type('ClusterRole'), { name: 'agentjob-view' })
    await install()
  })

  test('is there once in a cluster', async () => {
    const elsewhere = installManifests({ values: Values.parse({}), namespace: 'default', version: '0', labels: LABELS })
    const want = {
      lines: [`AgentJob is installed in namespace ${NAMESPACE} already, and a cluster has it once; name it with -n`],
    }
    expect(await failureOf(applyInstallation(client, elsewhere, 'default', () => {}))).toMatchObject(want)
    expect(await failureOf(removeInstallation(client, 'default', () => {}))).toMatchObject(want)
  })

  test('is removed but for what holds AgentJobs, and its namespace', async () => {
    const lines: string[] = []
    await removeInstallation(client, NAMESPACE, (line) => lines.push(line))
    const kept = objectsOf().filter(({ kind }) => kind === 'Namespace' || kind === 'CustomResourceDefinition')
    expect(lines.filter((line) => !line.endsWith(' deleted'))).toEqual([])
    expect(lines).toHaveLength(objectsOf().length - kept.length)
    for (const object of kept)
      expect(await client.get(installedType(object), { name: object.metadata.name as string })).toBeDefined()
    await install()
  })

  test('says what the cluster does not serve', async () => {
    const { lines } = await failureOf(install({ certificates: { mode: 'cert-manager' } }))
    expect(lines).toContain(
      'the cluster serves no Certificate of cert-manager.io/v1; install what does first, or choose other values',
    )
  })
})

/** What the chart can have and this cluster cannot. */
const NOT_SERVED = ['Certificate', 'Issuer', 'ServiceMonitor', 'PrometheusRule']
const OF_HOOKS: Record<string, ResourceType> = {
  Job: { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true },
  Pod: { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
}

describe.skipIf(!program)('what helm renders (skipped where helm is not to be had)', () => {
  beforeAll(async () => {
    await install()
    // warnings of Pod Security, for templates whose pods nobody creates here
    const labels = { 'pod-security.kubernetes.io/warn': 'restricted' }
    await client.mergePatch(type('Namespace'), { name: NAMESPACE }, { metadata: { labels } })
    // no pod is accepted without its account
    const metadata = { name: 'agentjob-test', namespace: NAMESPACE }
    await client.apply(
      type('ServiceAccount'),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { fieldManager: 'test' },
    )
  })
  test.each(CASES)('is accepted by the API server, without a warning: $name', async ({ values }) => {
    const said: string[] = []
    for (const object of (await template(values)).filter(({ kind }) => !NOT_SERVED.includes(kind))) {
      const at = OF_HOOKS[object.kind] ?? installedType(object)
      const onWarning = (text: string) => said.push(`${object.kind} ${object.metadata.name}: ${text}`)
      await client
        .apply(at, object, { fieldManager: INSTALLER, force: true, fieldValidation: 'Strict', dryRun: true, onWarning })
        .catch((error: Error) => said.push(`${object.kind} ${object.metadata.name}: ${error.message}`))
    }
    expect(said).toEqual([])
  })
})

describe('policies', () => {
  const CONTROLLER = userOf('controller', NAMESPACE)
  const job = (name: string, expansion?: object) => ({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name, namespace: 'default' },
    spec: { runtimeRef: 'none', prompt: 'none' },
    ...(expansion && { expansion }),
  })
  const signed = (requester: string, specHash = 'a') => ({ signature: 'eyJ', requester, specHash })
  const alice = () => connect('alice', ['system:masters'])

  beforeAll(async () => {
    await install({ policies: { expansion: { enabled: true }, status: { enabled: true } } })
    // as if the webhook had not been asked
    await client.delete(type('MutatingWebhookConfiguration'), { name: 'agentjob' })
    const refused = () =>
      client.create(AGENT_JOBS, job('probe'), { dryRun: true }).then(
        () => false,
        () => true,
      )
    while (!(await refused())) await new Promise((resolve) => setTimeout(resolve, 200))
  })
  afterAll(async () => {
    await client.delete(AGENT_JOBS, { namespace: 'default', name: 'kept' })
    await install()
  })

  const ADMISSION = 'it has no signed expansion: the webhook of AgentJob was not asked; is it registered and up?'
  const SOMEBODY = 'its expansion was made for somebody else; leave out the field expansion, admission writes it'
  const created: { name: string; expansion?: object; want: string | undefined }[] = [
    { name: 'no expansion', want: ADMISSION },
    { name: 'one without a signature', expansion: { requester: 'alice' }, want: ADMISSION },
    { name: 'one with an empty signature', expansion: { ...signed('alice'), signature: '' }, want: ADMISSION },
    { name: 'one that was made for somebody else', expansion: signed('bob'), want: SOMEBODY },
    { name: 'one that names nobody', expansion: { signature: 'eyJ' }, want: SOMEBODY },
    { name: 'one of her own', expansion: signed('alice'), want: undefined },
  ]
  test.each(created)('an AgentJob of alice with $name', async ({ expansion, want }) => {
    const answer = await alice()
      .create<KubeObject>(AGENT_JOBS, job('new', expansion), { dryRun: true })
      .then(
        () => undefined,
        (error: Error) => error.message,
      )
    if (want === undefined) expect(answer).toBeUndefined()
    else expect(answer).toContain(want)
  })

  test('a change by somebody else takes an expansion for him, or of the spec before', async () => {
    await alice().create<KubeObject>(AGENT_JOBS, job('kept', signed('alice', 'one')))
    const bob = connect('bob', ['system:masters'])
    const key = { namespace: 'default', name: 'kept' }
    const change = (who: Client, patch: object) =>
      who.mergePatch(AGENT_JOBS, key, patch, { dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await change(bob, { metadata: { labels: { a: 'b' } } })).toBe('allowed')
    expect(await change(bob, { spec: { prompt: 'other' }, expansion: signed('bob', 'two') })).toBe('allowed')
    expect(await change(bob, { spec: { prompt: 'other' }, expansion: signed('alice', 'two') })).toContain(SOMEBODY)
    expect(await change(bob, { expansion: null })).toContain(ADMISSION)
    // what it touches, another webhook may change
    const controller = connect(CONTROLLER, ['system:masters'])
    expect(await change(controller, { spec: { prompt: 'other' }, expansion: signed('alice', 'two') })).toBe('allowed')
  })

  test('a status is written by the controller alone, whatever others may', async () => {
    const key = { namespace: 'default', name: 'kept' }
    const write = (who: Client) =>
      who.mergePatch(AGENT_JOBS, key, { status: { phase: 'Running' } }, { subresource: 'status', dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await write(connect('admin', ['system:masters']))).toContain(
      'the status of AgentJobs and AgentQuotas is written by the controller alone',
    )
    expect(await write(connect(CONTROLLER, ['system:masters']))).toBe('allowed')
  })

  test('that of an AgentQuota too', async () => {
    const quotas = { ...AGENT_JOBS, kind: 'AgentQuota', plural: 'agentquotas' }
    const key = { namespace: 'default', name: 'team' }
    const quota = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentQuota', metadata: key, spec: {} }
    await client.apply<KubeObject>(quotas, quota, { fieldManager: 'test' })
    const write = (who: Client) =>
      who.mergePatch(quotas, key, { status: { used: { runsToday: 0 } } }, { subresource: 'status', dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await write(connect('admin', ['system:masters']))).toContain('written by the controller alone')
    expect(await write(connect(CONTROLLER, ['system:masters']))).toBe('allowed')
    await client.delete(quotas, key)
  })
})

describe('roles that are added to those of Kubernetes', () => {
  const RBAC = 'rbac.authorization.k8s.io'
  const may = async (role: string, verb: string, resource: string) => {
    const attributes = { namespace: 'default', verb, group: 'agentjob.io', resource }
    return (await reviewAccess(client, { username: `has-${role}` }, attributes)).allowed
  }
  beforeAll(async () => {
    await install()
    for (const role of ['view', 'edit', 'admin'])
      await client.apply<KubeObject>(
        type('RoleBinding'),
        {
          apiVersion: `${RBAC}/v1`,
          kind: 'RoleBinding',
          metadata: { name: `has-${role}`, namespace: 'default' },
          roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
          subjects: [{ apiGroup: RBAC, kind: 'User', name: `has-${role}` }],
        },
        { fieldManager: 'test', force: true },
      )
    const deadline = Date.now() + 60_000
    while (!(await may('admin', 'create', 'clusteraccesses')) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 200))
  })

  test.each([
    ['view', 'get', 'agentjobs', true],
    ['view', 'create', 'agentjobs', false],
    ['view', 'get', 'clusteraccesses', false],
    ['edit', 'create', 'agentjobs', true],
    ['edit', 'delete', 'agentruntimes', true],
    ['edit', 'list', 'contexts', true],
    ['edit', 'create', 'clusteraccesses', false],
    ['admin', 'create', 'clusteraccesses', true],
    ['view', 'get', 'agentquotas', true],
    ['edit', 'patch', 'agentquotas', false],
    ['admin', 'delete', 'agentquotas', false],
    ['admin', 'use', 'clusteraccesses', false],
    ['admin', 'patch', 'agentjobs/status', false],
  ] as const)('%s may %s %s: %p', async (role, verb, resource, want) =>
    expect(await may(role, verb, resource)).toBe(want),
  )
})
