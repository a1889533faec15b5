import { formatFinding } from '../api/finding.ts'
import type { Remark, Report } from './report.ts'

/**
 * A report as GitHub Actions shows it at its lines: `::error file=a.yaml,line=3,col=5,title=AgentJob hello::MESSAGE`.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export const annotations = ({ findings }: Report): string[] =>
  findings.map((remark) => `::${remark.severity} ${placeOf(remark)}::${escaped(formatFinding(remark))}`)

function placeOf({ file, line, column, kind, name }: Remark): string {
  const properties = {
    file: file.replace(/^\.\//, ''),
    line,
    col: column,
    title: kind && name ? `${kind} ${name}` : 'agentjob validate',
  }
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`)
    .join(',')
}

/** As https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts does it. */
const escaped = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
