import { writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { accounts, crds } from '../../src/install/manifests.ts'
import { nameOf, type Part } from '../../src/install/names.ts'
import { installedType } from '../../src/install/types.ts'
import { Values } from '../../src/install/values.ts'
import { webhookConfiguration } from '../../src/install/webhookconfiguration.ts'
import type { Client } from '../../src/kube/client.ts'
import { loadKubeConfig } from '../../src/kube/kubeconfig.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/** Namespace of the operator in tests and in the demo. */
export const NAMESPACE = 'agentjob-system'
/** Account of a process that is webhook and controller in one: it has the rights of both. */
export const OPERATOR = 'agentjob'
/** Namespace of the objects that all AgentJobs may refer to. */
export const LIBRARY = 'agentjob-library'

const apply = (client: Client, object: object) =>
  client.apply<KubeObject>(installedType(object as KubeObject), object as KubeObject, {
    fieldManager: 'install',
    force: true,
  })

const RBAC = 'rbac.authorization.k8s.io'
const VALUES = { clusterAccess: { enabled: true } }

/** What binds the account of both parts to the roles of one. */
const bindings = (part: Part): KubeObject[] =>
  ['ClusterRole', 'Role'].map((kind) => ({
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name: `${OPERATOR}-as-${part}`, ...(kind === 'Role' && { namespace: NAMESPACE }) },
    roleRef: { apiGroup: RBAC, kind, name: nameOf(part) },
    subjects: [{ kind: 'ServiceAccount', name: OPERATOR, namespace: NAMESPACE }],
  }))

/** Installs the CRDs, the operator's accounts and their rights; resolves when the API server serves every kind. */
export async function install(client: Client): Promise<void> {
  await Promise.all(crds().map((definition) => apply(client, definition)))
  const labels = { 'app.kubernetes.io/part-of': 'agentjob' }
  await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } })
  await entitle(client)
  await apply(client, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: OPERATOR, namespace: NAMESPACE } })
  for (const binding of [...bindings('webhook'), ...bindings('controller')]) await apply(client, binding)
  await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LIBRARY } })
  for (const { metadata } of crds()) await established(client, metadata.name)
}

/** Gives the accounts of both parts their rights: those of these values, and ClusterAccess. */
export async function entitle(client: Client, values: object = {}): Promise<void> {
  const labels = { 'app.kubernetes.io/part-of': 'agentjob' }
  const target = { values: Values.parse({ ...VALUES, ...values }), namespace: NAMESPACE, labels }
  for (const object of accounts(target)) await apply(client, object)
}

async function established(client: Client, name: string): Promise<void> {
  const type = installedType({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: {} })
  const isEstablished = (crd: KubeObject | undefined) =>
    (crd?.status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    )
  while (!isEstablished(await client.get<KubeObject>(type, { name })))
    await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Registers the webhook under a URL; from now on the API server asks it. */
export const register = (client: Client, url: string): Promise<KubeObject> =>
  apply(client, webhookConfiguration({ url }))

/** What stands in between, if there is something: a proxy's URL, and the certificate of its CA (PEM). */
interface Between {
  server?: string
  ca?: string
}

/** Writes a kubeconfig whose user is the operator's own ServiceAccount, so that tests see whether its rights are enough. */
export const operatorKubeconfig = (client: Client, from: string, to: string, between?: Between): Promise<string> =>
  accountKubeconfig(client, { namespace: NAMESPACE, name: OPERATOR }, from, to, between)

/** Writes a kubeconfig whose user is a ServiceAccount, and whose context is in its namespace; gives its path. */
export async function accountKubeconfig(
  client: Client,
  account: { namespace: string; name: string },
  from: string,
  to: string,
  { server, ca }: Between = {},
): Promise<string> {
  const { config } = loadKubeConfig({ kubeconfig: from })
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Error(`${from} names no cluster`)
  const { body } = await client.transport.request({
    method: 'POST',
    path: `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86400 } },
  })
  const caData = ca ? Buffer.from(ca).toString('base64') : cluster.caData
  const { name, namespace } = account
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server: server ?? cluster.server,
          ...(caData ? { 'certificate-authority-data': caData } : { 'certificate-authority': cluster.caFile }),
        },
      },
    ],
    users: [{ name, user: { token: body.status.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  }
  await writeFile(to, stringify(document), { mode: 0o600 })
  return to
}
