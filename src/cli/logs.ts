import { once } from 'node:events'
import { Command, InvalidArgumentError } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { nearest } from '../api/unknownfields.ts'
import { JOB_LABEL } from '../expand/names.ts'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import { type PartialObjectMetadata, type ResourceType, resourcePath } from '../kube/object.ts'
import type { Pod } from '../status/observed.ts'
import { agentJobs, getAgentJob, notFound } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { JOB_NAME_LABEL, type LogStep, logStep, newestJobName } from './logstep.ts'
import { parseName } from './names.ts'
import { until, watched } from './until.ts'
import { verdictOn } from './verdict.ts'
import { teller } from './wait.ts'

/** Where pods are served. */
export const podType: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
type PodObject = Pod & PartialObjectMetadata

interface LogsOptions extends ClusterOptions {
  follow?: boolean
  job?: string
  tail?: number
  /** Ends where nothing will run any more unless somebody does something. */
  untilStalled?: boolean
}

/** `agentjob logs`: what the agent of a run printed, or why there is nothing. */
export function logsCommand(): Command {
  return withClusterOptions(new Command('logs'))
    .description(
      'Prints the log of the newest run of an AgentJob. With -f it waits for the run to start, says why it does not, and follows it to its end. Where the log is gone, it prints its last lines, which the status keeps of a failed run, or the result that the run left behind, and ends with 4.',
    )
    .argument('<name>', 'AgentJob', parseName)
    .option('-f, --follow', 'wait for the start, and print what is still to come')
    .option('--job <name>', 'the run of this Job; status.runs lists them')
    .option('--tail <lines>', 'only so many lines from the end', parseLines)
    .addHelpText(
      'after',
      '\nExamples:\n  agentjob logs hello -f\n  agentjob logs nightly --tail=20\n  agentjob logs nightly --job nightly-29384920',
    )
    .action((name: string, options: LogsOptions) =>
      withCluster(options, (cluster) => (options.follow ? follow : printLog)(cluster, name, options)),
    )
}

function parseLines(text: string): number {
  if (!/^(\d+|-1)$/.test(text)) throw new InvalidArgumentError('It must be a number of lines.')
  return Number(text)
}

/** Selects the pods of an AgentJob. */
export const selector = (name: string) => ({ labelSelector: `${JOB_LABEL}=${name}` })

async function printLog(cluster: Cluster, name: string, o: LogsOptions): Promise<void> {
  const { client, namespace } = cluster
  const job = await getAgentJob(cluster, name)
  const pods = (await client.list<PodObject>(podType, { namespace, ...selector(name) })).items
  const step = logStep(job, pods, jobNameOf(job, pods, o), new Set())
  if (step.step === 'wait') throw new Failure(`${name}: ${step.why}; -f waits for it`)
  if (step.step === 'gone') leaveBehind(step)
  if (step.step === 'stream') await copyLog(cluster, step.pod, o)
}

/** Copies the log of a run to stdout, from its start to its end; a Failure where there is none. */
export async function follow(cluster: Cluster, name: string, o: LogsOptions): Promise<void> {
  const { client, namespace } = cluster
  const tell = teller(name)
  const jobs = watched<AgentJob>(agentJobs, namespace, { fieldSelector: `metadata.name=${name}` })
  const pods = watched<PodObject>(podType, namespace, selector(name))
  const shown = new Set<string>()
  let jobName: string | undefined
  const look = (): Exclude<LogStep, { step: 'wait' }> | { step: 'missing' } | undefined => {
    const job = jobs.store.get(namespace, name)
    if (!job) return { step: 'missing' }
    // once something was shown it is this run to its end, whatever starts meanwhile
    if (!shown.size) jobName = jobNameOf(job, [...pods.store.values()], o)
    const step = logStep(job, [...pods.store.values()], jobName, shown)
    if (step.step !== 'wait') return step
    if (o.untilStalled && verdictOn(job, 'Succeeded').state === 'failed') return { step: 'end' }
    if (step.why) tell(step.why)
    return undefined
  }
  for (;;) {
    const step = await until(client, [jobs, pods], look, { onTrouble: tell })
    if (step?.step === 'missing') throw await notFound(cluster, name)
    if (step?.step === 'gone') leaveBehind(step)
    if (step?.step !== 'stream') return
    if (shown.size) tell(`another attempt, pod ${step.pod}`)
    await copyLog(cluster, step.pod, shown.size ? { ...o, tail: undefined } : o)
    shown.add(step.pod)
  }
}

/** The run that is meant; a Failure for a --job that is none of this AgentJob's. */
function jobNameOf(job: AgentJob, pods: Pod[], o: LogsOptions): string | undefined {
  const newest = newestJobName(job)
  if (o.job === undefined) return newest
  const known = [
    ...(newest ? [newest] : []),
    ...(job.status?.runs ?? []).map(({ jobName }) => jobName),
    ...pods.map(({ metadata }) => metadata.labels?.[JOB_NAME_LABEL] ?? ''),
  ]
  if (known.includes(o.job)) return o.job
  const near = nearest(o.job, known)
  const hint = near ? `did you mean ${near}?` : `it has ${[...new Set(known)].join(', ') || 'none'}`
  throw new Failure(`${job.metadata.name} has no run ${o.job}; ${hint}`, EXIT.notFound)
}

/** Where the log is gone its end may still be there, or the result: that goes to stdout, and the rest to stderr. */
function leaveBehind({ why, logTail, result }: { why: string; logTail?: string; result?: string }): never {
  const left = logTail ?? result
  if (left) process.stdout.write(left.endsWith('\n') ? left : `${left}\n`)
  const what = logTail ? 'what its status has kept of the end' : 'its result'
  throw new Failure(left ? `${why}; above is ${what}` : why, EXIT.notFound)
}

async function copyLog({ client, namespace }: Cluster, pod: string, o: LogsOptions): Promise<void> {
  const path = resourcePath(podType, { namespace, name: pod, subresource: 'log' })
  const tailLines = o.tail === undefined || o.tail < 0 ? undefined : o.tail
  const query = { container: AGENT_CONTAINER, follow: o.follow, tailLines }
  for await (const chunk of client.transport.stream({ path, query }))
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
}
