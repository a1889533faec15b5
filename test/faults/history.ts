import type { AgentJob } from '../../src/api/agentjob.ts'
import type { KubeObject, PartialObjectMetadata } from '../../src/kube/object.ts'
import { renderedRevision } from '../../src/status/revision.ts'

/** An AgentJob as the API server stored it at some time, as far as it says what is to run. */
export interface Version {
  /** Of the Job that its expansion holds. */
  revision: string | undefined
  /** Whether that Job may be created. */
  mayRun: boolean
}

/** All that a namespace has ever had of AgentJobs and Jobs, by uid; what is gone as well, in its last state. */
export interface History {
  agentJobs: Map<string, { name: string; versions: Version[] }>
  jobs: Map<string, { object: KubeObject; deleted: boolean }>
  /** Whether the watch had to be begun anew: what was there only in between, nobody has seen. */
  hasGap: boolean
}

export const createHistory = (): History => ({ agentJobs: new Map(), jobs: new Map(), hasGap: false })

/** Takes down what a watch tells. */
export function remember(history: History, object: KubeObject, deleted: boolean): void {
  const { uid = '', name = '' } = object.metadata
  if (object.kind === 'Job') history.jobs.set(uid, { object, deleted })
  if (object.kind !== 'AgentJob') return
  const entry = history.agentJobs.get(uid) ?? { name, versions: [] }
  history.agentJobs.set(uid, entry)
  entry.versions.push(versionOf(object as unknown as AgentJob))
}

const versionOf = (job: AgentJob & Partial<PartialObjectMetadata>): Version => ({
  revision: renderedRevision(job),
  mayRun: !job.spec.suspend && !job.expansion?.problems.length,
})
