import type { AgentJob } from '../../api/agentjob.ts'
import { AGENT_CONTAINER } from '../../expand/pod.ts'
import { ApiError, isNotFound } from '../../kube/errors.ts'
import { type PartialObjectMetadata, type ResourceType, resourcePath } from '../../kube/object.ts'
import type { Pod } from '../../status/observed.ts'
import { hasRun } from '../../status/pods.ts'
import { isOver, newest } from '../../status/run.ts'
import { getAgentJob } from '../agentjobs.ts'
import type { Cluster } from '../clusteroptions.ts'
import { isOfRun, JOB_NAME_LABEL, newestJobName } from '../logstep.ts'
import { type CoreEvent, type Facts, type LogTail, type PlacedPod, TAIL_LINES } from './facts.ts'

const core = (kind: string, plural: string): ResourceType => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
})
const PODS = core('Pod', 'pods')
/** Those of core/v1, as `kubectl describe` reads them, and as its users may. */
const EVENTS = core('Event', 'events')

/** An agent may print lines of any length. */
const LIMIT_BYTES = 64 * 1024

/** Reads what there is of an AgentJob and its newest run. What may not be read is named, and left out. */
export async function collect(cluster: Cluster, name: string, flags: string, now: Date): Promise<Facts> {
  const job = await getAgentJob(cluster, name)
  const unread: string[] = []
  const jobName = newestJobName(job)
  const { uid } = job.status?.runs?.find((run) => run.jobName === jobName) ?? {}
  const about = (kind: string, name: string | undefined, uid?: string) =>
    name === undefined ? [] : attempt(unread, 'events', () => eventsOf(cluster, { kind, name, uid }))
  const [pod, ...events] = await Promise.all([
    jobName === undefined ? undefined : attempt(unread, 'pods', () => podOf(cluster, job, jobName, uid)),
    about('AgentJob', name, job.metadata.uid),
    about('Job', jobName, uid),
    about('CronJob', job.status?.cronJobName),
  ])
  const [ofPod, log] = await Promise.all([
    about('Pod', pod?.metadata.name, pod?.metadata.uid),
    pod && isOver(pod) && job.status?.phase !== 'Succeeded'
      ? attempt(unread, 'log', () => tailOf(cluster, pod))
      : undefined,
  ])
  return {
    ...{ job, now, flags, jobName, pod, log },
    events: [...events, ofPod].flatMap((some) => some ?? []),
    unread: [...new Set(unread)],
  }
}

/** Undefined, with a word on it, where the API server does not tell. */
async function attempt<T>(unread: string[], what: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    // gone meanwhile
    if (isNotFound(error)) return undefined
    if (!(error instanceof ApiError)) throw error
    unread.push(`${what}: ${error.message}`)
    return undefined
  }
}

async function podOf(
  { client, namespace }: Cluster,
  job: AgentJob,
  jobName: string,
  uid: string | undefined,
): Promise<PlacedPod | undefined> {
  const { items } = await client.list<PlacedPod & PartialObjectMetadata>(PODS, {
    namespace,
    labelSelector: `${JOB_NAME_LABEL}=${jobName}`,
  })
  return newest(items.filter((pod) => isOfRun(pod, job, uid)))
}

async function eventsOf(
  { client, namespace }: Cluster,
  object: { kind: string; name: string; uid?: string },
): Promise<CoreEvent[]> {
  const fields = Object.entries(object).filter(([, value]) => value !== undefined)
  const fieldSelector = fields.map(([field, value]) => `involvedObject.${field}=${value}`).join(',')
  return (await client.list<CoreEvent & PartialObjectMetadata>(EVENTS, { namespace, fieldSelector })).items
}

/** The end of the log of the container that failed: one that ran before the agent, or the agent itself. */
async function tailOf({ client, namespace }: Cluster, { metadata, status }: Pod): Promise<LogTail | undefined> {
  const agent = status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER)
  const before = status?.initContainerStatuses?.find(({ state }) => state?.terminated?.exitCode)
  const last = hasRun(agent?.state) ? agent : (before ?? agent)
  // one that never was has no log
  if (!last?.state?.terminated?.finishedAt) return undefined
  const container = last.name
  const { body } = await client.transport.request({
    method: 'GET',
    path: resourcePath(PODS, { namespace, name: metadata.name, subresource: 'log' }),
    query: { container, tailLines: TAIL_LINES, limitBytes: LIMIT_BYTES },
  })
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { container, lines: text.split('\n').filter((line) => line !== '') }
}
