import { Command, Option } from 'commander'
import { colourFor } from './colour.ts'
import { Failure } from './exit.ts'
import type { OfflineExpansion } from './expansions.ts'
import { type InputOptions, readInput, withInputOptions } from './input.ts'
import { GENERATED_SUFFIX, nameOf } from './objects.ts'
import { formatPosition } from './position.ts'
import { listOf, toJson, toYaml } from './print.ts'
import { formatRemark, reportOf } from './report.ts'

/** `agentjob expand`: the children of the AgentJobs in the files, as admission would render them. */
export function expandCommand(): Command {
  return withInputOptions(new Command('expand'))
    .description(
      `Prints the Jobs, CronJobs and whatever else the AgentJobs in the files would be expanded into when they are created. Needs no cluster: references are looked up in the same files, and every ClusterAccess counts as granted. Where an object is not valid or a reference is missing, it prints nothing and ends with 1. A generateName gets the suffix ${GENERATED_SUFFIX}.`,
    )
    .addOption(new Option('-o, --output <format>', 'format').choices(['yaml', 'json']).default('yaml'))
    .addHelpText(
      'after',
      `
Examples:
  agentjob expand -f job.yaml -f library/
  agentjob expand -f . -R --settings settings.yaml -o json
  agentjob expand -f job.yaml -f library/ | kubectl apply --dry-run=server -f -`,
    )
    .action(async (options: InputOptions & { output: 'yaml' | 'json' }) => {
      const input = await readInput(options)
      const { findings } = reportOf(input, { referencesNeeded: true })
      const warnings = findings.filter(({ severity }) => severity === 'warning').map(formatRemark)
      const errors = findings.filter(({ severity }) => severity === 'error').map(formatRemark)
      const colour = colourFor(process.stderr)
      for (const text of [...warnings, ...input.expansions.flatMap(standIn)])
        process.stderr.write(`${colour('yellow', 'Warning:')} ${text}\n`)
      if (!errors.length && !input.expansions.length) errors.push(`${input.names.join(', ')}: holds no AgentJob`)
      if (errors.length) throw new Failure(errors)
      const children = input.expansions.flatMap(({ expansion }) => expansion.resources)
      const text = options.output === 'json' ? toJson(listOf(children)) : input.expansions.map(documents).join('')
      process.stdout.write(text)
    })
}

/** The children of one AgentJob as YAML documents, the first with a line that says whose they are. */
function documents({ checked, expansion }: OfflineExpansion): string {
  const source = `# ${nameOf(checked)}, ${formatPosition(checked.manifest.positionOf(''))}\n`
  return expansion.resources.map((child, index) => `---\n${index ? '' : source}${toYaml(child)}`).join('')
}

/** A word on the name that stands in for a generated one. */
function standIn({ checked }: OfflineExpansion): string[] {
  const path = 'metadata.generateName'
  if (checked.object.metadata.name) return []
  const where = formatPosition(checked.manifest.positionOf(path))
  return [`${where}: ${path}: the cluster appends 8 characters of its own; here they are ${GENERATED_SUFFIX}`]
}
