import { Command } from 'commander'
import { type AgentJob, RERUN_ANNOTATION } from '../api/agentjob.ts'
import type { Run } from '../api/agentjobstatus.ts'
import { formatFinding } from '../api/finding.ts'
import { renderedJob } from '../status/revision.ts'
import { isTerminal } from '../status/run.ts'
import { annotate, shortName } from './agentjobs.ts'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { Failure } from './exit.ts'
import { parseName } from './names.ts'
import { waitFor, withTimeout } from './wait.ts'

/** `agentjob rerun`: one more run, of an AgentJob as it is now. */
export function rerunCommand(): Command {
  return withTimeout(withClusterOptions(new Command('rerun')))
    .description(
      'Runs an AgentJob again, with its spec and everything that it refers to as they are now. What is running of a one-shot ends first, and its log is kept. A schedule gets one run beside those that are due.',
    )
    .argument('<name>', 'AgentJob', parseName)
    .option('--wait', 'wait until that run has ended, like "agentjob wait"')
    .addHelpText('after', `\nExamples:\n  agentjob rerun hello\n  agentjob rerun nightly --wait --timeout=1h`)
    .action((name: string, options: ClusterOptions & { wait?: boolean; timeout?: number }) =>
      withCluster(options, async (cluster) => {
        const token = new Date().toISOString()
        const job = await annotate(cluster, name, { [RERUN_ANNOTATION]: token })
        if (job.metadata.deletionTimestamp)
          throw new Failure(`${shortName(name)} is being deleted; nothing runs any more`)
        process.stdout.write(`${shortName(name)} ${whatRuns(job, token)}\n`)
        if (options.wait) await waitFor(cluster, name, 'Succeeded', options.timeout)
      }),
    )
}

/** What comes of the request for another run. */
export function whatRuns(job: AgentJob, token: string): string {
  const { expansion, spec } = job
  const [problem] = expansion?.problems ?? []
  if (problem) return `runs again when this is over: ${formatFinding(problem)}`
  if (expansion?.rerun !== token) return 'runs again as soon as admission has expanded it; it did not answer this time'
  const run = renderedJob(job)?.metadata.name
  const what = spec.suspend ? `runs again as Job ${run} once spec.suspend is false` : `runs again as Job ${run}`
  const ending = runUnderWay(job)
  return ending ? `${what}; this ends the run of Job ${ending.jobName}, and its log is kept` : what
}

/** What has not ended yet of the revisions before; the runs that a schedule started have none, and go on. */
export const runUnderWay = ({ status }: AgentJob): Run | undefined =>
  status?.runs?.find(({ phase, revision }) => revision !== undefined && !isTerminal(phase))
