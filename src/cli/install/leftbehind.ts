import type { AgentJob } from '../../api/agentjob.ts'
import { OURS } from '../../controller/caches.ts'
import { FINALIZER } from '../../controller/finalizer.ts'
import { CHILD_TYPES, ownerUid } from '../../controller/types.ts'
import { childNames, JOB_LABEL, NAMESPACE_LABEL } from '../../expand/names.ts'
import { installedType } from '../../install/types.ts'
import { WEBHOOK_CONFIGURATION } from '../../install/webhookconfiguration.ts'
import type { Client } from '../../kube/client.ts'
import { isConflict, isForbidden, isNotFound } from '../../kube/errors.ts'
import { objectKey, type PartialObjectMetadata } from '../../kube/object.ts'
import { agentJobs } from '../agentjobs.ts'
import { Failure } from '../exit.ts'

/** What is known of an AgentJob that nobody will look after. */
export type Left = Pick<AgentJob, 'metadata' | 'spec' | 'status'>

/**
 * Every AgentJob of the cluster; none where the kind is not served. Where they may not be listed, none as well, unless all
 * of them are `needed`: then that is an error.
 */
export async function leftBehind(client: Client, { needed = false } = {}): Promise<Left[]> {
  const left: Left[] = []
  try {
    for await (const { items } of client.pages<AgentJob & PartialObjectMetadata>(agentJobs, { limit: 250, goOn: true }))
      for (const { metadata, spec, status } of items) left.push({ metadata, spec, status })
  } catch (error) {
    if (!isNotFound(error) && (needed || !isForbidden(error))) throw error
  }
  return left
}

const PAUSE = `kubectl get cronjobs -A -l app.kubernetes.io/managed-by=agentjob -o json | kubectl patch --type=merge -p '{"spec":{"suspend":true}}' -f -`
/** More names than these are no help. */
const MOST = 20

/** What becomes of AgentJobs when nobody looks after them, and which command helps; a line each, none where nothing does. */
export function fateOf(left: readonly Left[]): string[] {
  const lines: string[] = []
  const running = left.filter(({ status }) => status?.phase === 'Running').length
  if (running)
    lines.push(
      `${count(running, 'agent')} under way: what runs goes on to its end, and nobody writes down how it ended`,
    )
  const schedules = left.filter(({ spec }) => spec.schedule !== undefined && !spec.suspend).length
  if (schedules)
    lines.push(
      `${count(schedules, 'schedule')} in place: Kubernetes goes on starting agents; to pause them all: ${PAUSE}`,
    )
  const held = left.filter(isHeld)
  if (held.length)
    lines.push(
      `${count(held.length, 'AgentJob')} with rights in the whole cluster: while no controller runs, neither these nor their namespaces can be deleted, and the rights stay: ${namesOf(held)}`,
      'install it again, with clusterAccess.enabled, to delete them; or take the rights away and let go of them: agentjob uninstall --take-rights',
    )
  return lines
}

const isHeld = ({ metadata }: Left) => metadata.finalizers?.includes(FINALIZER) === true

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`

function namesOf(jobs: readonly Left[]): string {
  const names = jobs.map(({ metadata }) => objectKey(metadata)).sort()
  return names.length > MOST ? `${names.slice(0, MOST).join(', ')} and ${names.length - MOST} more` : names.join(', ')
}

/** A Failure where AgentJob is installed in another way, and a controller would bring everything back. */
export async function refuseInstalled(client: Client): Promise<void> {
  const registration = installedType({ apiVersion: '', kind: 'MutatingWebhookConfiguration', metadata: {} })
  if (await client.get(registration, { name: WEBHOOK_CONFIGURATION }))
    throw new Failure('AgentJob is still installed, and not by "agentjob install"; uninstall it first')
}

/** One after the other: a binding first, so that no moment is left in which it leads to a role of somebody else's. */
const CLUSTER_KINDS = ['ClusterRoleBinding', 'ClusterRole']

/**
 * Does what a controller would before an AgentJob can be deleted: takes away its cluster-scoped rights, then the
 * finalizer; and takes away what AgentJobs have left that are gone. Calls `tell` with a line for each object. For when no
 * controller runs: one that does brings them back.
 */
export async function takeRights(client: Client, left: readonly Left[], tell: (line: string) => void): Promise<void> {
  for (const job of left.filter(isHeld)) {
    const { namespace = '', name = '' } = job.metadata
    for (const kind of CLUSTER_KINDS) {
      const found = await client.get(CHILD_TYPES[kind]!, { name: childNames.clusterRole(namespace, name) })
      // one of that name that is not ours is somebody's
      if (found && objectKey(ownerOf(found)) === objectKey({ namespace, name }))
        await takeAway(client, kind, found, tell)
    }
    if (await letGo(client, namespace, name)) tell(`agentjob.agentjob.io/${name} in namespace ${namespace} let go`)
  }
  await takeOrphans(client, tell)
}

/** Deletes the cluster-scoped rights of AgentJobs that are gone without a controller having taken these away. */
async function takeOrphans(client: Client, tell: (line: string) => void): Promise<void> {
  for (const kind of CLUSTER_KINDS)
    for await (const { items } of client.pages<PartialObjectMetadata>(CHILD_TYPES[kind]!, {
      limit: 250,
      goOn: true,
      ...OURS,
    }))
      for (const found of items) {
        const { namespace, name } = ownerOf(found)
        // what is labelled as ours and has another name is somebody's
        if (!namespace || !name || found.metadata.name !== childNames.clusterRole(namespace, name)) continue
        const owner = await client.get<PartialObjectMetadata>(agentJobs, { namespace, name })
        if (!owner || owner.metadata.uid !== ownerUid(found)) await takeAway(client, kind, found, tell)
      }
}

/** Namespace and name of the AgentJob that a cluster-scoped child belongs to. */
const ownerOf = ({ metadata: { labels } }: PartialObjectMetadata) => ({
  namespace: labels?.[NAMESPACE_LABEL],
  name: labels?.[JOB_LABEL],
})

async function takeAway(
  client: Client,
  kind: string,
  { metadata: { name = '', uid } }: PartialObjectMetadata,
  tell: (line: string) => void,
): Promise<void> {
  const type = CHILD_TYPES[kind]!
  try {
    if (await client.delete(type, { name }, { uid })) tell(`${kind.toLowerCase()}.${type.group}/${name} deleted`)
  } catch (error) {
    // another one has come in its place
    if (!isConflict(error)) throw error
  }
}

/** Removes the finalizer from an AgentJob as it is now; false where it is gone. */
async function letGo(client: Client, namespace: string, name: string): Promise<boolean> {
  for (;;) {
    const live = await client.get<PartialObjectMetadata>(agentJobs, { namespace, name })
    if (!live) return false
    const { resourceVersion, finalizers = [] } = live.metadata
    const metadata = { resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== FINALIZER) }
    try {
      await client.mergePatch(agentJobs, { namespace, name }, { metadata })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      if (!isConflict(error)) throw error
    }
  }
}
