import type { AgentJob } from '../../api/agentjob.ts'
import { FINALIZER } from '../../controller/finalizer.ts'
import { CHILD_TYPES } from '../../controller/types.ts'
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

/** Every AgentJob of the cluster; none where the kind is not served, or may not be listed. */
export async function leftBehind(client: Client): Promise<Left[]> {
  const left: Left[] = []
  try {
    for await (const { items } of client.pages<AgentJob & PartialObjectMetadata>(agentJobs, { limit: 250, goOn: true }))
      for (const { metadata, spec, status } of items) left.push({ metadata, spec, status })
  } catch (error) {
    if (!isNotFound(error) && !isForbidden(error)) throw error
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
      'install it again to delete them; or take the rights away and let go of them: agentjob uninstall --take-rights',
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

/**
 * Does what a controller would before an AgentJob can be deleted: takes away its cluster-scoped rights, then the
 * finalizer. Calls `tell` with a line for each object. For when no controller runs: one that does brings them back.
 */
export async function takeRights(client: Client, left: readonly Left[], tell: (line: string) => void): Promise<void> {
  for (const job of left.filter(isHeld)) {
    const { namespace = '', name = '' } = job.metadata
    for (const kind of ['ClusterRoleBinding', 'ClusterRole']) {
      const type = CHILD_TYPES[kind]!
      const key = { name: childNames.clusterRole(namespace, name) }
      const labels = (await client.get(type, key))?.metadata.labels
      // one of that name that is not ours is somebody's
      if (labels?.[JOB_LABEL] !== name || labels[NAMESPACE_LABEL] !== namespace) continue
      if (await client.delete(type, key)) tell(`${kind.toLowerCase()}.${type.group}/${key.name} deleted`)
    }
    if (await letGo(client, namespace, name)) tell(`agentjob.agentjob.io/${name} in namespace ${namespace} let go`)
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
