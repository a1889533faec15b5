import { Command } from 'commander'
import { type AgentJob, STOP_ANNOTATION } from '../api/agentjob.ts'
import { isTerminal } from '../status/run.ts'
import { agentJobs, annotate, notFound, shortName } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { parseName } from './names.ts'
import { until, watched } from './until.ts'
import { isStale, standing } from './verdict.ts'

/** How long a status may lag behind before it is taken as it is. */
const PATIENCE_MS = 5000

/** `agentjob stop`: ends what is running of an AgentJob. */
export function stopCommand(): Command {
  return withClusterOptions(new Command('stop'))
    .description(
      'Ends the running Jobs of an AgentJob and keeps their logs; the phase is Stopped then. A schedule goes on: spec.suspend pauses it.',
    )
    .argument('<name>', 'AgentJob', parseName)
    .addHelpText('after', '\nExamples:\n  agentjob stop hello\n  agentjob stop nightly -n team')
    .action((name: string, options: ClusterOptions) =>
      withCluster(options, async (cluster) => {
        const job = await upToDate(cluster, name)
        const running = (job.status?.runs ?? []).filter(({ phase }) => !isTerminal(phase)).map(({ jobName }) => jobName)
        if (running.length) await annotate(cluster, name, { [STOP_ANNOTATION]: running.join(',') })
        process.stdout.write(
          running.length
            ? `${shortName(name)} stops: Job ${running.join(', Job ')}\n`
            : `${shortName(name)} is not running: ${standing(job)}\n`,
        )
      }),
    )
}

/** The AgentJob with a status that speaks of it as it is: what was started a moment ago is to be stopped, too. */
async function upToDate(cluster: Cluster, name: string): Promise<AgentJob> {
  const { client, namespace } = cluster
  const jobs = watched<AgentJob>(agentJobs, namespace, { fieldSelector: `metadata.name=${name}` })
  const look = () => {
    const job = jobs.store.get(namespace, name)
    if (job === undefined) return 'missing'
    return isStale(job) ? undefined : job
  }
  const found = await until(client, [jobs], look, { timeoutMs: PATIENCE_MS })
  if (found !== undefined && found !== 'missing') return found
  const last = jobs.store.get(namespace, name)
  if (last) return last
  throw await notFound(cluster, name)
}
