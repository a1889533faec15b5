import { Command, Option } from 'commander'
import { formatFinding } from '../api/finding.ts'
import { annotations } from './annotations.ts'
import { type Colour, colourFor } from './colour.ts'
import { EXIT } from './exit.ts'
import { type InputOptions, readInput, withInputOptions } from './input.ts'
import { formatPosition } from './position.ts'
import { type Report, reportOf } from './report.ts'

type Output = 'json' | 'github'

/** `agentjob validate`: everything that admission would say of the files, and what only their text shows. */
export function validateCommand(): Command {
  return withInputOptions(new Command('validate'))
    .description(
      'Checks manifests without a cluster: syntax, schema, the rules of the CRDs, unknown fields, expansion, references among the files. Prints every error with its place, and ends with 1 where there is one. A reference that is not among the files is a warning.',
    )
    .option('--strict', 'warnings count as errors')
    .addOption(
      new Option('-o, --output <format>', 'the report as JSON, or as annotations of GitHub Actions').choices([
        'json',
        'github',
      ]),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentjob validate -f examples/
  agentjob validate -f job.yaml -f library/ -R --strict
  kustomize build . | agentjob validate -f - -o json`,
    )
    .action(async (options: InputOptions & { strict?: boolean; output?: Output }) => {
      const input = await readInput(options)
      // parser and evaluator of a language, which nothing else here needs
      const { addCelErrors } = await import('./celrules.ts')
      addCelErrors(input.objects)
      const report = reportOf(input, { strict: options.strict })
      process.stdout.write(`${format(report, options.output)}\n`)
      if (report.invalid) process.exitCode = EXIT.failed
    })
}

function format(report: Report, output?: Output): string {
  if (output === 'json') return JSON.stringify(report, null, 2)
  if (output === 'github') return [...annotations(report), totalOf(report)].join('\n')
  return formatReport(report, colourFor(process.stdout))
}

function formatReport(report: Report, colour: Colour): string {
  const lines = report.findings.map((remark) => {
    const severity = colour(remark.severity === 'error' ? 'red' : 'yellow', remark.severity)
    return `${colour('bold', formatPosition(remark))}: ${severity}: ${formatFinding(remark)}`
  })
  return [...lines, totalOf(report)].join('\n')
}

function totalOf({ valid, invalid, skipped }: Report): string {
  const total = `${valid} ${valid === 1 ? 'object' : 'objects'} valid, ${invalid} invalid`
  return skipped ? `${total}; ${skipped} of other API groups skipped` : total
}
