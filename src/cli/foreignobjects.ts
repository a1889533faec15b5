import { peers } from '../convert/convert.ts'
import type { Peer } from '../convert/foreign.ts'
import type { Client } from '../kube/client.ts'
import { type ApiError, isForbidden, isNotFound } from '../kube/errors.ts'
import type { KubeObject, ResourceType } from '../kube/object.ts'
import { EXIT, Failure } from './exit.ts'

/**
 * The objects of the systems whose manifests are taken over, as far as the cluster serves their kinds: of one namespace,
 * or of all. By kind, namespace and name. A Failure where it serves none, and one that names all that may not be listed.
 */
export async function foreignObjects(client: Client, namespace: string | undefined): Promise<KubeObject[]> {
  const types = (await Promise.all(peers.map((peer) => servedTypes(client, peer)))).flat()
  if (!types.length) {
    const groups = peers.flatMap((peer) => peer.groups)
    throw new Failure(`this cluster serves no kind of ${groups.join(', ')}; name files with -f`, EXIT.notFound)
  }
  const objects: KubeObject[] = []
  const refusals: ApiError[] = []
  for (const type of types)
    try {
      objects.push(
        ...(await client.list<KubeObject>(type, { namespace: type.namespaced ? namespace : undefined })).items,
      )
    } catch (error) {
      if (!isForbidden(error)) throw error
      refusals.push(error)
    }
  if (refusals.length)
    throw new Failure(refusals.map(({ reason, message }) => `the API server says no (${reason}): ${message}`))
  return objects
}

/** What a group's discovery tells: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#unaggregated-discovery */
interface Discovered {
  preferredVersion?: { version?: string }
  resources?: { name: string; kind: string; namespaced: boolean }[]
}

async function discover(client: Client, path: string): Promise<Discovered | undefined> {
  try {
    return (await client.transport.request({ method: 'GET', path })).body
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function servedTypes(client: Client, { groups, kinds }: Peer): Promise<ResourceType[]> {
  const types: ResourceType[] = []
  for (const group of groups) {
    const version = (await discover(client, `/apis/${group}`))?.preferredVersion?.version
    if (version === undefined) continue
    const { resources = [] } = (await discover(client, `/apis/${group}/${version}`)) ?? {}
    for (const { kind } of kinds) {
      const served = resources.find((one) => one.kind === kind && !one.name.includes('/'))
      if (served) types.push({ group, version, kind, plural: served.name, namespaced: served.namespaced })
    }
  }
  return types
}
