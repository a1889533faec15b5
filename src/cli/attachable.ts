import type { AgentJob } from '../api/agentjob.ts'
import type { Pod } from '../status/observed.ts'
import { agentState } from '../status/pods.ts'
import { isTerminal, newest } from '../status/run.ts'
import { EXIT, Failure } from './exit.ts'
import { isOfRun, JOB_NAME_LABEL } from './logstep.ts'
import { standing } from './verdict.ts'

/** The name of the newest pod of an AgentJob whose container runs; a Failure that says what to do where none does. */
export function attachable(job: AgentJob, pods: Pod[]): string {
  const uidOf = (pod: Pod) =>
    job.status?.runs?.find(({ jobName }) => jobName === pod.metadata.labels?.[JOB_NAME_LABEL])?.uid
  const own = pods.filter((pod) => agentState(pod)?.running && isOfRun(pod, job, uidOf(pod)))
  const pod = newest(own)
  if (pod) return pod.metadata.name
  const { name } = job.metadata
  const { phase } = job.status ?? {}
  const isOver = isTerminal(phase) || phase === 'Scheduled'
  throw new Failure(
    `nothing of ${name} is running: ${standing(job)}; ${isOver ? again(job) : `"agentjob explain ${name}" says what it waits for`}`,
    isOver ? EXIT.notFound : EXIT.failed,
  )
}

function again({ metadata, spec }: AgentJob): string {
  const rerun = `"agentjob rerun ${metadata.name}"`
  const { enabled, keepAlive } = spec.humanInTheLoop ?? {}
  return enabled
    ? `${rerun} runs it again, and its container stays for ${keepAlive} after the agent`
    : `set spec.humanInTheLoop.enabled to true, and the container of the next run stays after its agent`
}
