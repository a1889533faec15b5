import type { CachedAgentJob, Caches } from './caches.ts'
import { isAsleep } from './outline.ts'

/** Which AgentJob a log line is about, in which revision, where there is one. */
export interface Identity {
  namespace?: string
  name?: string
  revision?: string
}

/** As a log tells it. */
export const identityOf = ({ metadata: { namespace, name }, expansion }: CachedAgentJob): Identity => ({
  namespace,
  name,
  revision: expansion?.revision,
})

/** The same by `namespace/name`; of one at rest, or gone, the revision is not known. */
export function identityByKey({ agentJobs }: Pick<Caches, 'agentJobs'>, key: string): Identity {
  const job = agentJobs.getByKey(key)
  if (job && !isAsleep(job)) return identityOf(job)
  const [namespace, name] = key.split('/')
  return { namespace, name }
}
