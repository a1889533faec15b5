import { nameOf as nameOfPart } from '../../install/names.ts'
import { INSTALLED_TYPES, installedType } from '../../install/types.ts'
import type { Client } from '../../kube/client.ts'
import { ApiError, isNotFound } from '../../kube/errors.ts'
import { type KubeObject, objectKey, type ResourceType } from '../../kube/object.ts'
import { Failure } from '../exit.ts'

/** Who owns the fields that are applied, and the value of the label by which our objects are known. */
export const INSTALLER = 'agentjob-install'
/** Where the operator is unless somebody says otherwise. */
export const DEFAULT_NAMESPACE = 'agentjob-system'
const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** An object to be applied, and what is there of it. */
interface Planned {
  wanted: KubeObject
  live?: KubeObject
}

/** How an object is called in messages: `clusterrole.rbac.authorization.k8s.io/agentjob-webhook`, as by kubectl. */
const nameOf = ({ metadata }: KubeObject, { group, kind }: ResourceType) =>
  `${kind.toLowerCase()}${group && `.${group}`}/${metadata.name}`

/**
 * Applies an installation, server-side and without force: nothing is changed that somebody else has made, and no field
 * that somebody else has set. Nothing is written before all of it has been tried as a dry run, but a namespace that is not
 * there yet, without which nothing in it can be tried. What an earlier installation had and this one has not is deleted,
 * CRDs and namespaces apart. Calls `tell` with a line for each object.
 */
export async function applyInstallation(
  client: Client,
  objects: KubeObject[],
  namespace: string,
  tell: (line: string) => void,
): Promise<void> {
  await refuseElsewhere(client, namespace)
  const planned = await Promise.all(objects.map((wanted) => plan(client, wanted)))
  const todo = planned.filter(({ wanted, live }) => !isTheirNamespace(wanted, live))
  const wrong = strangers(todo)
  if (wrong.length) throw new Failure(wrong)
  const first = todo.find(({ wanted, live }) => wanted.kind === 'Namespace' && !live)
  const nothing = `nothing was written to namespace ${namespace} or to the cluster`
  await tryAll(client, todo, { isNew: first !== undefined, nothing })
  if (first) {
    await applyOne(client, first, tell)
    const inside = todo.filter(({ wanted }) => installedType(wanted).namespaced)
    const butThat = `nothing was written but namespace ${namespace}, which is new`
    await tryAll(client, inside, { isNew: false, nothing: butThat })
  }
  for (const one of todo) if (one !== first) await applyOne(client, one, tell)
  await removeOthers(client, objects, namespace, tell)
}

/** A cluster has AgentJob once, and what is not in its namespace is shared: a Failure where it is in another one. */
async function refuseElsewhere(client: Client, namespace: string): Promise<void> {
  const type = installedType({ apiVersion: '', kind: 'ClusterRoleBinding', metadata: {} })
  const binding = await client.get<KubeObject>(type, { name: nameOfPart('controller') })
  const [subject] = binding && isOurs(binding) ? (binding.subjects as { namespace: string }[]) : []
  if (subject && subject.namespace !== namespace)
    throw new Failure(
      `AgentJob is installed in namespace ${subject.namespace} already, and a cluster has it once; name it with -n`,
    )
}

async function plan(client: Client, wanted: KubeObject): Promise<Planned> {
  const { name, namespace } = wanted.metadata
  return { wanted, live: await client.get<KubeObject>(installedType(wanted), { name: name as string, namespace }) }
}

const isOurs = ({ metadata }: KubeObject) => metadata.labels?.[MANAGED_BY] === INSTALLER

/** A namespace that is there already is taken as it is. */
const isTheirNamespace = ({ kind }: KubeObject, live: KubeObject | undefined) =>
  kind === 'Namespace' && live !== undefined && !isOurs(live)

/** Why objects that are there must not be changed, a line for each reason. */
function strangers(planned: Planned[]): string[] {
  const names = new Map<string, string[]>()
  for (const { wanted, live } of planned) {
    const reason = live && reasonAgainst(wanted, live)
    if (reason) names.set(reason, [...(names.get(reason) ?? []), nameOf(wanted, installedType(wanted))])
  }
  return [...names].map(
    ([reason, [first, ...more]]) => `${first}${more.length ? ` and ${more.length} more` : ''}: ${reason}`,
  )
}

function reasonAgainst(wanted: KubeObject, live: KubeObject): string | undefined {
  if (isOurs(live)) return undefined
  const isCrd = live.kind === 'CustomResourceDefinition'
  const more = isCrd ? ', or leave the CRDs out with --set crds.install=false' : ''
  const { labels = {}, annotations = {} } = live.metadata
  const release = annotations['meta.helm.sh/release-name']
  if (labels[MANAGED_BY] === 'Helm' || release)
    return `belongs to the Helm release ${annotations['meta.helm.sh/release-namespace']}/${release}; upgrade that one${more}`
  const where = wanted.metadata.namespace ? ` -n ${wanted.metadata.namespace}` : ''
  const which = isCrd
    ? 'crd -l app.kubernetes.io/part-of=agentjob'
    : `${wanted.kind.toLowerCase()} ${live.metadata.name}`
  const label = `kubectl label --overwrite ${which}${where} ${MANAGED_BY}=${INSTALLER}`
  return `is there, and not from "agentjob install"; remove it, hand it over with "${label}"${more}`
}

async function applyOne(client: Client, { wanted, live }: Planned, tell: (line: string) => void): Promise<void> {
  const type = installedType(wanted)
  const applied = await client.apply<KubeObject>(type, wanted, { fieldManager: INSTALLER, fieldValidation: 'Strict' })
  const changed = applied.metadata.resourceVersion !== live?.metadata.resourceVersion
  tell(`${nameOf(wanted, type)} ${!live ? 'created' : changed ? 'configured' : 'unchanged'}`)
}

/**
 * A dry run of everything; a Failure with all that the API server would say no to, and that `nothing` was written. Where
 * the namespace is new, whether the kinds of what is to lie in it are served is all that can be seen.
 */
async function tryAll(client: Client, planned: Planned[], o: { isNew: boolean; nothing: string }): Promise<void> {
  const wrong = new Set<string>()
  for (const { wanted } of planned) {
    const type = installedType(wanted)
    try {
      // in a namespace that is not there yet nothing can be tried
      if (type.namespaced && o.isNew) await client.list(type, { namespace: 'default', limit: 1 })
      else await client.apply(type, wanted, { fieldManager: INSTALLER, fieldValidation: 'Strict', dryRun: true })
    } catch (error) {
      if (isNotFound(error)) wrong.add(notServed(type))
      else if (error instanceof ApiError) wrong.add(`${nameOf(wanted, type)}: ${error.message}`)
      else throw error
    }
  }
  if (wrong.size) throw new Failure([...wrong, o.nothing])
}

const notServed = ({ kind, group, version }: ResourceType) =>
  `the cluster serves no ${kind} of ${group}/${version}; install what does first, or choose other values`

/** Deletes what an installation consists of, CRDs and namespace apart. Calls `tell` with a line for each object. */
export async function removeInstallation(
  client: Client,
  namespace: string,
  tell: (line: string) => void,
): Promise<void> {
  await refuseElsewhere(client, namespace)
  await removeOthers(client, [], namespace, tell)
}

/** Deletes what is labelled as ours and not among the objects; never a CRD or a namespace. */
async function removeOthers(
  client: Client,
  objects: KubeObject[],
  namespace: string,
  tell: (line: string) => void,
): Promise<void> {
  const wanted = new Set(objects.map((object) => `${object.kind} ${objectKey(object)}`))
  for (const type of [...INSTALLED_TYPES].reverse()) {
    if (type.kind === 'Namespace' || type.kind === 'CustomResourceDefinition') continue
    for (const object of await listOurs(client, type, namespace)) {
      if (wanted.has(`${type.kind} ${objectKey(object)}`)) continue
      const { name = '', uid } = object.metadata
      if (await client.delete(type, { name, namespace: object.metadata.namespace }, { uid }))
        tell(`${nameOf(object, type)} deleted`)
    }
  }
}

async function listOurs(client: Client, type: ResourceType, namespace: string): Promise<KubeObject[]> {
  const selection = { labelSelector: `${MANAGED_BY}=${INSTALLER}`, ...(type.namespaced && { namespace }) }
  try {
    return (await client.list<KubeObject>(type, selection)).items
  } catch (error) {
    // of kinds that are not served there is nothing
    if (isNotFound(error)) return []
    throw error
  }
}
