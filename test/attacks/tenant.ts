import { join } from 'node:path'
import { kinds } from '../../src/api/kinds.ts'
import { CHILD_TYPES, JOB, POD } from '../../src/controller/types.ts'
import { type Client, createClient, type WriteOptions } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { typeOf } from '../../src/references/caches.ts'
import { grant, type Rule } from '../e2e/users.ts'
import { type AgentJobObject, agentJob, echoRuntime, eventually, newNamespace, theWorld } from '../e2e/world.ts'
import { accountKubeconfig } from '../operator/install.ts'

/** Every right to our kinds that is no right to a subresource, and not the verb `use`. */
const OF_KINDS: Rule = {
  apiGroups: ['agentjob.io'],
  resources: kinds.map(({ plural }) => plural),
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
}
/** Of them what writes AgentJobs alone. */
export const AGENT_JOBS_ALONE: Rule = { ...OF_KINDS, resources: ['agentjobs'] }

const TYPES = Object.fromEntries(
  [
    JOB,
    POD,
    ...Object.values(CHILD_TYPES),
    ...kinds.map(typeOf),
    { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  ].map((type) => [type.kind, type]),
) as Record<string, ResourceType>

/** Where a kind is served. */
export function served(kind: string): ResourceType {
  const type = TYPES[kind]
  if (!type) throw new Error(`attacks know nothing of the kind ${kind}`)
  return type
}

/** Somebody who wants what is not his, with credentials of his own: the token of a ServiceAccount. */
export interface Tenant {
  /** Where he may do what the ClusterRole `edit` says, and write our kinds. */
  namespace: string
  /** As the API server calls him. */
  name: string
  client: Client
  /** Path of his kubeconfig, for kubectl. */
  kubeconfig: string
}

let made = 0

/** A tenant with a namespace, in which there is an AgentRuntime `echo`; with other rights than `edit`, where they are given. */
export async function newTenant(...rules: Rule[]): Promise<Tenant> {
  const { client, cluster } = await theWorld()
  const namespace = await newNamespace()
  const account = `mallory-${made++}`
  const name = `system:serviceaccount:${namespace}:${account}`
  const metadata = { name: account, namespace }
  await client.create<KubeObject>(served('ServiceAccount'), { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  if (!rules.length) await edits(namespace, account)
  await grant(name, namespace, ...(rules.length ? rules : [OF_KINDS]))
  const path = join(cluster.dir, `${namespace}.kubeconfig`)
  const kubeconfig = await accountKubeconfig(client, { namespace, name: account }, cluster.kubeconfig, path)
  const runtime = echoRuntime() as KubeObject
  await eventually(
    'its AgentRuntime',
    async () =>
      client.create(served('AgentRuntime'), { ...runtime, metadata: { ...runtime.metadata, namespace } }).then(
        () => '',
        ({ message }: Error) => message,
      ),
    // a busy machine's trouble, not an attack's
    (wrong) => wrong === '' || wrong.includes('already exists'),
  )
  return { namespace, name, kubeconfig, client: createClient(createTransport(loadConnection({ kubeconfig }))) }
}

let one: Promise<Tenant> | undefined
/** One for all attacks that store nothing. */
export const theTenant = (): Promise<Tenant> => {
  one ??= newTenant().catch((error) => {
    one = undefined
    throw error
  })
  return one
}

async function edits(namespace: string, account: string): Promise<void> {
  const { client } = await theWorld()
  const rbac = 'rbac.authorization.k8s.io'
  await client.create<KubeObject>(served('RoleBinding'), {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: account, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
}

/** What came of a request: the object that the API server gave back, with its warnings, or the words of its refusal. */
export interface Outcome {
  object?: KubeObject & Partial<AgentJobObject>
  warnings: string[]
  refused?: string
}

async function outcome(request: (onWarning: (text: string) => void) => Promise<unknown>): Promise<Outcome> {
  const warnings: string[] = []
  try {
    return { object: (await request((text) => warnings.push(text))) as Outcome['object'], warnings }
  } catch (error) {
    if (error instanceof ApiError) return { warnings, refused: error.message }
    throw error
  }
}

/** An object of one of our kinds. */
export const ofKind = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
})

/** Has a tenant create an object in his namespace. */
export const tries = ({ client, namespace }: Tenant, object: object, o: WriteOptions = {}): Promise<Outcome> => {
  const { metadata, kind, ...rest } = object as KubeObject
  const placed = { ...rest, kind, metadata: { namespace, ...metadata } } as KubeObject
  return outcome((onWarning) => client.create(served(kind), placed, { ...o, onWarning }))
}

/** The same as a server dry run: everything is decided, nothing is stored. */
export const asks = (tenant: Tenant, object: object): Promise<Outcome> => tries(tenant, object, { dryRun: true })

/** A server dry run of an AgentJob with this spec. */
export const asksFor = (tenant: Tenant, spec: object): Promise<Outcome> => asks(tenant, agentJob('mine', spec))

/** Has a tenant patch an object of his namespace. */
export const patches = (
  { client, namespace }: Tenant,
  kind: string,
  name: string,
  body: object,
  subresource?: string,
): Promise<Outcome> =>
  outcome((onWarning) => client.mergePatch(served(kind), { namespace, name }, body, { subresource, onWarning }))

/** Has a tenant replace an object of his namespace. */
export const replaces = ({ client }: Tenant, object: object): Promise<Outcome> =>
  outcome((onWarning) => client.update(served((object as KubeObject).kind), object as KubeObject, { onWarning }))

/** A refusal by admission, as the API server passes it on. */
export const denied = (words: string): string => `admission webhook "mutate.agentjob.io" denied the request: ${words}`

/** The pod that an expansion of a one-shot would run. */
export function podOf(object: Outcome['object']): { metadata: Fields; spec: Fields } {
  const job = object?.expansion?.resources.find(({ kind }) => kind === 'Job')
  if (!job) throw new Error(`no Job was expanded: ${JSON.stringify(object?.expansion?.problems)}`)
  return (job as unknown as { spec: { template: { metadata: Fields; spec: Fields } } }).spec.template
}
// biome-ignore lint/suspicious/noExplicitAny: what a pod has depends on the attack
type Fields = Record<string, any>
