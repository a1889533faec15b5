import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Fields } from '../../src/api/isfields.ts'
import { applyInstallation, INSTALLER, removeInstallation } from '../../src/cli/install/apply.ts'
import { toYaml } from '../../src/cli/print.ts'
import { installManifests } from '../../src/install/manifests.ts'
import { installedType } from '../../src/install/types.ts'
import { overDefaults, Values } from '../../src/install/values.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { CASES, NAMESPACE, program, template } from './chart.ts'
import { type Installation, LABELS, objectsOf, startInstallation, type } from './installation.ts'

/*
 * What a real API server takes: an installation that is made, changed and removed, and what helm renders.
 */

setDefaultTimeout(120_000)

let installation: Installation
let client: Client
beforeAll(async () => {
  installation = await startInstallation('agentjob-chart')
  client = installation.client
})
afterAll(() => installation.stop())

const install = (values?: Fields) => installation.install(values)

const failureOf = (work: Promise<unknown>): Promise<{ lines: string[] }> =>
  work.then(
    () => {
      throw new Error('it was not refused')
    },
    (error) => error,
  )

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
    const diff = Bun.spawn([installation.cluster.bin.kubectl, ...flags.split(' '), '-f', '-'], {
      env: { ...process.env, KUBECONFIG: installation.cluster.kubeconfig },
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

  test('in a namespace that is new, what is refused there is told before anything else is written', async () => {
    await removeInstallation(client, NAMESPACE, () => {})
    const name = `new-${Date.now()}`
    const values = Values.parse(overDefaults([{ webhook: { tolerations: [{ operator: 'Never' }] } }]))
    const objects: KubeObject[] = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: LABELS } },
      ...installManifests({ values, namespace: name, version: '0', labels: LABELS }),
    ]
    const told: string[] = []
    const { lines } = await failureOf(applyInstallation(client, objects, name, (line) => told.push(line)))
    expect(lines).toEqual([
      expect.stringMatching(/^deployment\.apps\/agentjob-webhook: .*tolerations/s),
      `nothing was written but namespace ${name}, which is new`,
    ])
    expect(told).toEqual([`namespace/${name} created`])
    await client.delete(type('Namespace'), { name })
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
