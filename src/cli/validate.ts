import { Command, Option } from 'commander'
import { formatFinding } from '../api/finding.ts'
import { type Colour, colourFor } from './colour.ts'
import { EXIT } from './exit.ts'
import { type InputOptions, readInput, withInputOptions } from './input.ts'
import { formatPosition } from './position.ts'
import { type Report, reportOf } from './report.ts'

/** `agentjob validate`: everything that admission would say of the files, and what only their text shows. */
export function validateCommand(): Command {
  return withInputOptions(new Command('validate'))
    .description(
      'Checks manifests without a cluster: syntax, schema, the rules of the CRDs, unknown fields, expansion, references among the files. Prints every error with its place, and ends with 1 where there is one. A reference that is not among the files is a warning.',
    )
    .option('--strict', 'warnings count as errors')
    .addOption(new Option('-o, --output <format>', 'print the report as JSON').choices(['json']))
    .addHelpText(
      'after',
      `
Examples:
  agentjob validate -f examples/
  agentjob validate -f job.yaml -f library/ -R --strict
  kustomize build . | agentjob validate -f - -o json`,
    )
    .action(async (options: InputOptions & { strict?: boolean; output?: 'json' }) => {
      const input = await readInput(options)
      // parser and evaluator of a language, which nothing else here needs
      const { addCelErrors } = await import('./celrules.ts')
      addCelErrors(input.objects)
      const report = reportOf(input, { strict: options.strict })
      const text =
        options.output === 'json' ? JSON.stringify(report, null, 2) : formatReport(report, colourFor(process.stdout))
      process.stdout.write(`${text}\n`)
      if (report.invalid) process.exitCode = EXIT.failed
    })
}

function formatReport({ valid, invalid, skipped, findings }: Report, colour: Colour): string {
  const lines = findings.map((remark) => {
    const severity = colour(remark.severity === 'error' ? 'red' : 'yellow', remark.severity)
    return `${colour('bold', formatPosition(remark))}: ${severity}: ${formatFinding(remark)}`
  })
  const total = `${valid} ${valid === 1 ? 'object' : 'objects'} valid, ${invalid} invalid`
  lines.push(skipped ? `${total}; ${skipped} of other API groups skipped` : total)
  return lines.join('\n')
}
