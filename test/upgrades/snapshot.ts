import { AGENT_JOB } from '../../src/controller/types.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  eventually,
  jobNames,
  kubectl,
  list,
  newNamespace,
  theWorld,
} from '../e2e/world.ts'

/** A schedule that is not due while a test runs. */
export const NEVER = '30 2 1 1 *'
/** An agent that does not end by itself. */
export const SLEEPS = 'echo: sleep 10m'
/** For runs that need not get as far as a node. */
export const NOWHERE = { podTemplate: { spec: { nodeSelector: { no: 'node' } } } }

const made: string[] = []

/** A namespace that goes when `removeNamespaces` is called: agents that sleep are no company for other tests. */
export async function ownNamespace(): Promise<string> {
  const name = await newNamespace()
  made.push(name)
  return name
}

/** Removes them, without waiting for it; AgentJobs with cluster-scoped rights want a controller for that. */
export async function removeNamespaces(): Promise<void> {
  if (made.length) await kubectl(['delete', 'namespace', ...made.splice(0), '--ignore-not-found', '--wait=false'])
}

/** The children of a namespace's AgentJobs, by kind and name: which object it is, and the generation of its spec. */
export async function childrenOf(namespace: string): Promise<Record<string, string>> {
  const plurals = ['jobs', 'pods', 'cronjobs', 'serviceaccounts', 'persistentvolumeclaims']
  const found = await Promise.all(plurals.map((plural) => list(namespace, plural)))
  return Object.fromEntries(
    found.flatMap((objects, at) =>
      objects.map(({ metadata }) => [`${plurals[at]}/${metadata.name}`, `${metadata.uid} ${metadata.generation}`]),
    ),
  )
}

/** The AgentJobs of a namespace, by name. */
export async function agentJobsOf(namespace: string): Promise<Record<string, AgentJobObject>> {
  const { client } = await theWorld()
  const { items } = await client.list<AgentJobObject>(AGENT_JOB, { namespace })
  return Object.fromEntries(items.map((job) => [job.metadata.name, job]))
}

/** How many Jobs each AgentJob of a namespace has. */
export async function runsOf(namespace: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { metadata } of await list(namespace, 'jobs')) {
    const owner = metadata.ownerReferences?.[0]?.name ?? ''
    counts[owner] = (counts[owner] ?? 0) + 1
  }
  return counts
}

/** Resolves when whoever leads has come as far as an AgentJob that is created now. */
export async function untilReached(namespace: string, name: string): Promise<void> {
  await apply(namespace, agentJob(name, NOWHERE))
  await eventually(
    `${name} has its Job`,
    () => jobNames(namespace),
    (names) => names.some((job) => job.startsWith(`${name}-`)),
  )
}
