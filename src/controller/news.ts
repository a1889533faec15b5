import type { AgentJobStatus, Run } from '../api/agentjobstatus.ts'
import { isTerminal } from '../status/run.ts'

const keyOf = ({ uid, jobName }: Run) => uid ?? jobName

/** The runs that a status tells of, and the one before did not. */
export function newRuns(before: AgentJobStatus | undefined, { runs = [] }: AgentJobStatus): Run[] {
  const told = new Set(before?.runs?.map(keyOf))
  return runs.filter((run) => !told.has(keyOf(run)))
}

/** The runs whose end a status tells, and the one before did not. */
export function endedRuns(before: AgentJobStatus | undefined, { runs = [] }: AgentJobStatus): Run[] {
  const told = new Set(before?.runs?.filter(({ phase }) => isTerminal(phase)).map(keyOf))
  return runs.filter((run) => isTerminal(run.phase) && !told.has(keyOf(run)))
}
