import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { formatFinding } from '../api/finding.ts'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { type Colour, colourFor } from './colour.ts'
import {
  type ConversionReport,
  convertGiven,
  type Given,
  givenInCluster,
  givenInFiles,
  type ReportedNote,
} from './conversions.ts'
import { EXIT, Failure } from './exit.ts'
import { refuseArguments } from './input.ts'
import { formatPosition } from './position.ts'
import { listOf, toJson, toYaml } from './print.ts'
import { reasonOf } from './reading.ts'

interface ConvertOptions extends ClusterOptions {
  filename?: string[]
  recursive?: boolean
  fromCluster?: boolean
  allNamespaces?: boolean
  output: 'yaml' | 'json'
  report?: string
}

/** `agentjob convert`: manifests of thurkube and KubeTask as ours, and a report of what could not be carried over. */
export function convertCommand(): Command {
  return withClusterOptions(new Command('convert'), 'of objects that name none; with --from-cluster, whose objects')
    .description(
      'Turns the kinds of thurkube and of KubeTask (KubeOpenCode), of every generation, into AgentJobs and what they refer to, and prints them in the order of the input. Says of every field that means something else here, or that is not carried over, why and what to do. Everything that belongs together is converted in one call: an Agent, its Tasks, their Contexts and the KubeTaskConfig. What is of other kinds is passed on as it is. Comments in the manifests are not kept.',
    )
    .option('-f, --filename <path...>', 'file, directory, or - for standard input; may be repeated')
    .allowExcessArguments()
    .option('-R, --recursive', 'look into the directories of directories, too')
    .option('--from-cluster', 'read the objects out of the cluster, as far as it serves their kinds')
    .option('-A, --all-namespaces', 'with --from-cluster: out of all namespaces')
    .addOption(new Option('-o, --output <format>', 'format').choices(['yaml', 'json']).default('yaml'))
    .option('--report <file>', 'write the report as JSON, too')
    .addHelpText(
      'after',
      `
Examples:
  agentjob convert -f kubetask/ > agentjobs.yaml
  agentjob convert -f kubetask/ --report report.json | agentjob validate -f -
  agentjob convert --from-cluster -A | kubectl apply --dry-run=server -f -`,
    )
    .action(async (options: ConvertOptions, command: Command) => {
      const { given, namespace } = await givenBy(options, command)
      const { objects, report } = convertGiven(given, namespace)
      if (options.report !== undefined) await writeReport(options.report, report)
      process.stderr.write(formatReport(report, colourFor(process.stderr)))
      const yaml = () => objects.map((object) => `---\n${toYaml(object)}`).join('')
      process.stdout.write(options.output === 'json' ? toJson(listOf(objects)) : yaml())
      if (report.dropped || report.errors) process.exitCode = EXIT.notCarried
    })
}

/** What the options mean; ends with a usage error where they mean nothing, or what cannot be read. */
async function givenBy(o: ConvertOptions, command: Command): Promise<{ given: Given[]; namespace: string }> {
  refuseArguments(command)
  const code = 'commander.missingMandatoryOptionValue'
  if (!o.filename === !o.fromCluster) command.error('error: either -f or --from-cluster is needed', { code })
  if (o.allNamespaces && !o.fromCluster) command.error('error: -A goes with --from-cluster', { code })
  if (o.filename) {
    const { given, errors } = await givenInFiles(o.filename, o.recursive ?? false)
    if (errors.length)
      throw new Failure(
        errors.map((error) => `${formatPosition(error)}: ${error.message}`),
        EXIT.usage,
      )
    return { given, namespace: o.namespace ?? 'default' }
  }
  const found: { given: Given[]; namespace: string } = { given: [], namespace: '' }
  await withCluster(o, async ({ client, namespace }) => {
    found.given = await givenInCluster(client, o.allNamespaces ? undefined : namespace)
    found.namespace = namespace
  })
  return found
}

async function writeReport(file: string, report: ConversionReport): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  } catch (error) {
    throw new Failure(`${file}: ${reasonOf(error as NodeJS.ErrnoException)}`, EXIT.usage)
  }
}

const COLOURS = { error: 'red', dropped: 'yellow', note: 'green' } as const

/** The report for people: a line each, and a total. What is said of many objects alike is said once. */
function formatReport(report: ConversionReport, colour: Colour): string {
  const lines = new Map<string, { note: ReportedNote; more: number }>()
  for (const { kind, notes } of report.objects)
    for (const [index, note] of notes.entries()) {
      const same = `${kind} ${note.path.replace(/\[\d+\]/g, '[]')} ${note.message}`
      const key = note.severity === 'note' ? same : `${formatPosition(note)} ${index} ${same}`
      const line = lines.get(key)
      if (line) line.more++
      else lines.set(key, { note, more: 0 })
    }
  const texts = [...lines.values()].map(({ note, more }) => {
    const where = colour('bold', formatPosition(note))
    const others = more ? ` (and ${more} more like it)` : ''
    return `${where}: ${colour(COLOURS[note.severity], note.severity)}: ${formatFinding(note)}${others}`
  })
  const { converted, passed, none, dropped, errors } = report
  texts.push(
    `${converted} converted, ${passed} passed on, ${none} became no object; ${dropped} not carried over, ${errors} errors`,
  )
  return `${texts.join('\n')}\n`
}
