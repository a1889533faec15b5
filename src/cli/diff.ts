import { Command } from 'commander'
import { API_VERSION } from '../api/kind.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { givenInFiles } from './conversions.ts'
import { type Comparison, compare } from './diff/comparison.ts'
import { dryRun } from './diff/dryrun.ts'
import { printDifferences } from './diff/unified.ts'
import { errorText } from './errortext.ts'
import { EXIT, Failure } from './exit.ts'
import { refuseArguments } from './input.ts'
import { formatPosition } from './position.ts'

interface DiffOptions extends ClusterOptions {
  filename?: string[]
  recursive?: boolean
}

/** An AgentJob of the files. */
interface Manifest {
  object: PartialObjectMetadata
  place: string
}

/** `agentjob diff`: what applying manifests would change in what runs. */
export function diffCommand(): Command {
  return withClusterOptions(new Command('diff'), "of AgentJobs that name none; without it, the context's")
    .description(
      'Shows what applying AgentJobs would change: in their specs, and in the Jobs, CronJobs and other objects that they are expanded into. The API server answers as to a dry run, and nothing is stored. What they refer to is taken as it is in the cluster, also where the files have it otherwise.',
    )
    .option('-f, --filename <path...>', 'file, directory, or - for standard input; may be repeated')
    .allowExcessArguments()
    .option('-R, --recursive', 'look into the directories of directories, too')
    .addHelpText(
      'after',
      `
Ends with 0 where nothing would change, with 1 where something would, and with
more where that cannot be told, as "kubectl diff" does. $KUBECTL_EXTERNAL_DIFF
names another program than "diff -u -N".

Examples:
  agentjob diff -f job.yaml
  kustomize build . | agentjob diff -f -`,
    )
    .action((options: DiffOptions, command: Command) => distinctly(() => diff(options, command)))
}

/** 1 says that there are differences: whatever goes wrong ends with more. */
async function distinctly(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const { lines, exitCode } = errorText(error)
    throw new Failure(lines, exitCode === EXIT.failed ? EXIT.usage : exitCode)
  }
}

async function diff(o: DiffOptions, command: Command): Promise<void> {
  refuseArguments(command)
  if (!o.filename) throw new Failure('-f is needed: agentjob diff -f FILE', EXIT.usage)
  const manifests = await agentJobsIn(o.filename, o.recursive ?? false)
  await withCluster(o, async (cluster) => {
    const refused: string[] = []
    const comparisons: (Comparison & { name: string })[] = []
    for (const { object, place } of manifests) {
      const { name, namespace = cluster.namespace } = object.metadata
      const placed = { ...object, metadata: { ...object.metadata, namespace } }
      try {
        comparisons.push({ name: `${namespace}/${name}`, ...(await comparisonOf(cluster, placed)) })
      } catch (error) {
        const { lines, exitCode } = errorText(error)
        if (exitCode === EXIT.unreachable) throw error
        refused.push(...lines.map((line) => `${place}: ${line}`))
      }
    }
    await print(comparisons)
    if (refused.length) throw new Failure(refused, EXIT.usage)
    if (comparisons.some(({ changes }) => changes.length)) process.exitCode = EXIT.failed
  })
}

async function agentJobsIn(paths: string[], recursive: boolean): Promise<Manifest[]> {
  const { given, errors } = await givenInFiles(paths, recursive)
  const manifests = given
    .filter(({ object }) => object.kind === 'AgentJob' && object.apiVersion === API_VERSION)
    .map(({ object, positionOf }) => ({
      object: object as unknown as PartialObjectMetadata,
      place: formatPosition(positionOf('')),
    }))
  const wrong = errors.map((error) => `${formatPosition(error)}: ${error.message}`)
  for (const { object, place } of manifests)
    if (typeof object.metadata?.name !== 'string')
      wrong.push(`${place}: metadata.name is required; without it nothing can be compared`)
  if (!manifests.length && !wrong.length) wrong.push('the files hold no AgentJob')
  if (wrong.length) throw new Failure(wrong, EXIT.usage)
  return manifests
}

async function comparisonOf(cluster: Cluster, object: PartialObjectMetadata): Promise<Comparison> {
  const { name } = object.metadata
  const { live, dry } = await dryRun(
    cluster,
    object,
    (text) => void process.stderr.write(`Warning: ${name}: ${text}\n`),
  )
  return compare(live, dry)
}

async function print(comparisons: (Comparison & { name: string })[]): Promise<void> {
  const changes = comparisons.flatMap((one) => one.changes)
  if (changes.length) await printDifferences(changes)
  for (const { name, meaning } of comparisons) if (meaning) process.stdout.write(`AgentJob ${name}: ${meaning}\n`)
}
