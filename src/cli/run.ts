import { stat } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { parseDuration } from '../api/duration.ts'
import { type ApiError, isNotFound } from '../kube/errors.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import type { WriteOptions } from '../kube/options.ts'
import { inTheWay } from './absent.ts'
import { agentJobs, getAgentJob, missingKind, shortName } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { readSources } from './files.ts'
import { follow } from './logs.ts'
import { toJson, toYaml } from './print.ts'
import { type NewAgentJob, newAgentJob, type RunFields } from './runjob.ts'
import { endOf, teller } from './wait.ts'

interface RunOptions extends ClusterOptions, RunFields {
  filename?: string
  detach?: boolean
  rm?: boolean
  output?: 'json' | 'yaml'
  dryRun?: 'client' | 'server'
}

/** What a shell gives for a program that Ctrl-C has ended. */
const INTERRUPTED = 130

const several = (value: string, values: string[] = []) => [...values, value]

/** `agentjob run`: a prompt at once, without a manifest. */
export function runCommand(): Command {
  return withClusterOptions(new Command('run'))
    .description(
      'Creates an AgentJob for a prompt, prints what its agent prints, and ends as the run ends: with 0 where it succeeded. What is in its way, a mistyped name for example, is told before anything is created.',
    )
    .argument('[prompt]', 'what the agent is to do')
    .requiredOption('--runtime <name>', 'AgentRuntime to run on')
    .option('-f, --filename <file>', 'file that holds the prompt, or - for standard input')
    .option('--name <name>', 'name of the AgentJob; without it one that begins with the name of the runtime')
    .option('--auth <name>', 'AgentAuth whose token the agent gets')
    .option('--role <name>', 'AgentRole that lists the allowed tools')
    .option('--model <name>', 'model to use, in the words of the agent')
    .option('--repo <name>', 'Repository to work on; may be repeated', several)
    .option('--skill <name>', 'AgentSkill to load; may be repeated', several)
    .option('--mcp <name>', 'McpServer to connect to; may be repeated', several)
    .option('--context-ref <name>', 'Context that the agent is told; may be repeated', several)
    .option('--timeout <duration>', 'how long the agent may run: 90s, 10m, 1h30m; an hour without it', parseTimeout)
    .option('-d, --detach', 'print the name of the AgentJob, and wait for nothing')
    .option('--rm', 'delete the AgentJob after its end')
    .addOption(
      new Option('-o, --output <format>', 'print the AgentJob at its end, instead of its output').choices([
        'json',
        'yaml',
      ]),
    )
    .addOption(
      new Option(
        '--dry-run <where>',
        'print the AgentJob that would be created, without or with its expansion',
      ).choices(['client', 'server']),
    )
    .addHelpText(
      'after',
      `
Ctrl-C ends the waiting, not the run.

Examples:
  agentjob run --runtime claude-code --auth claude --timeout 30m "Say hello."
  agentjob run --runtime claude-code --auth claude --repo website -f prompt.md
  git diff | agentjob run --runtime claude-code --auth claude --rm -f -`,
    )
    .action(run)
}

function parseTimeout(text: string): number {
  const duration = parseDuration(text)
  if (!duration) throw new InvalidArgumentError('It must be a duration such as 90s, 10m or 1h30m.')
  return duration
}

async function run(text: string | undefined, o: RunOptions): Promise<void> {
  if (o.detach && o.rm) throw new Failure('--rm deletes after the end, which --detach does not wait for', EXIT.usage)
  const job = newAgentJob(await promptOf(text, o), o)
  if (o.dryRun === 'client') print(job, o)
  else await withCluster(o, (cluster) => runOn(cluster, job, o))
}

async function promptOf(text: string | undefined, { filename }: RunOptions): Promise<string> {
  if ((text === undefined) === (filename === undefined))
    throw new Failure('the prompt is wanted, as an argument or with -f, and not both', EXIT.usage)
  if (text !== undefined) return withWords(text)
  const isFolder = filename !== '-' && (await stat(filename as string).catch(() => undefined))?.isDirectory()
  if (isFolder) throw new Failure(`${filename} is a folder; -f takes the file that holds the prompt`, EXIT.usage)
  const { sources, errors } = await readSources([filename as string])
  const [error] = errors
  if (error) throw new Failure(`${error.file}: ${error.message}`)
  return withWords(sources.map((source) => source.text).join(''))
}

function withWords(prompt: string): string {
  if (prompt !== '' && prompt.trim() === '') throw new Failure('the prompt is empty', EXIT.usage)
  return prompt
}

async function runOn(cluster: Cluster, wanted: NewAgentJob, o: RunOptions): Promise<void> {
  const job = { ...wanted, metadata: { ...wanted.metadata, namespace: cluster.namespace } }
  // only who has expanded it knows what is missing, and in which namespaces it may be
  const planned = await create(cluster, job, { dryRun: true, onWarning: o.dryRun && warn })
  const obstacle = await inTheWay(cluster, planned)
  if (obstacle) throw obstacle
  if (o.dryRun) return print(planned, o)
  const { metadata } = await create(cluster, job, { onWarning: warn })
  const name = metadata.name as string
  if (o.detach) return o.output ? print(await getAgentJob(cluster, name), o) : void process.stdout.write(`${name}\n`)
  process.stderr.write(`${shortName(name)} created\n`)
  await toItsEnd(cluster, name, o)
}

const warn = (text: string) => void process.stderr.write(`Warning: ${text}\n`)

async function create(cluster: Cluster, job: NewAgentJob, o: WriteOptions): Promise<AgentJob> {
  try {
    const options: WriteOptions = { fieldManager: 'agentjob-cli', fieldValidation: 'Strict', ...o }
    return (await cluster.client.create<PartialObjectMetadata>(agentJobs, job, options)) as AgentJob
  } catch (error) {
    // a namespace that is not there is told of in the API server's own words
    throw isNotFound(error) && !/^namespaces /.test((error as ApiError).message) ? missingKind() : error
  }
}

/** Shows a run to its end, and ends as it ends. */
async function toItsEnd(cluster: Cluster, name: string, o: RunOptions): Promise<void> {
  const which = o.namespace === undefined ? name : `${name} -n ${o.namespace}`
  const goesOn = `${name} goes on: "agentjob logs ${which} -f" follows it, "agentjob stop ${which}" ends it\n`
  const interrupted = () => {
    process.stderr.write(`\n${goesOn}`)
    process.exit(INTERRUPTED)
  }
  process.once('SIGINT', interrupted)
  let ended = false
  try {
    const tell = teller(name)
    if (!o.output) await show(cluster, name, tell)
    const { state, words } = await endOf(cluster, name, 'Succeeded', { tell })
    ended = true
    const job = await getAgentJob(cluster, name)
    if (o.output) print(job, o)
    if (o.rm) await cluster.client.delete(agentJobs, { namespace: cluster.namespace, name }, { uid: job.metadata.uid })
    if (state === 'failed') throw new Failure(`${shortName(name)} ${words}`, codeOf(job, o))
    process.stderr.write(`${shortName(name)} ${words}\n`)
  } catch (error) {
    if (!ended && !(error instanceof Failure)) process.stderr.write(goesOn)
    throw error
  } finally {
    process.off('SIGINT', interrupted)
  }
}

const codeOf = ({ status }: AgentJob, { timeout }: RunOptions) =>
  timeout !== undefined && status?.phase === 'TimedOut' ? EXIT.timeout : EXIT.failed

/** Prints what the agent prints. Where there is nothing to print, why; how the run ended is told after it. */
async function show(cluster: Cluster, name: string, tell: (words: string) => void): Promise<void> {
  try {
    await follow(cluster, name, { follow: true, untilStalled: true })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    error.lines.forEach(tell)
  }
}

function print(job: NewAgentJob | AgentJob, { output }: RunOptions): void {
  const { managedFields: _, ...metadata } = job.metadata as PartialObjectMetadata['metadata']
  const shown = { ...job, metadata }
  process.stdout.write(output === 'json' ? toJson(shown) : toYaml(shown))
}
