import { type Finding, formatFinding } from '../api/finding.ts'
import type { Input } from './input.ts'
import type { CheckedObject } from './objects.ts'
import { formatPosition, type Position } from './position.ts'

/** Something to be said of a place in a file. */
export interface Remark extends Position {
  severity: 'error' | 'warning'
  /** The object; left out where there is none, because the text is no YAML for example. */
  kind?: string
  namespace?: string
  name?: string
  /** Field of the object; empty where it is the object as a whole. */
  path: string
  message: string
}

/** What is to be said of all files, and how many objects are in order. */
export interface Report {
  valid: number
  invalid: number
  /** Objects of other groups, which are none of our business. */
  skipped: number
  findings: Remark[]
}

export interface ReportOptions {
  /** An object with a warning is invalid, too. */
  strict?: boolean
  /** A reference that is not among the files is an error, because there is nothing to expand without it. */
  referencesNeeded?: boolean
}

/** The report on what was read, by file and line. Where nothing was, that is an error. */
export function reportOf(input: Input, o: ReportOptions = {}): Report {
  const findings: Remark[] = input.textErrors.map((error) => ({ severity: 'error', ...error, path: '' }))
  let invalid = input.broken
  const expansions = new Map(input.expansions.map((one) => [one.checked, one]))
  for (const checked of input.objects) {
    const expansion = expansions.get(checked)
    const errors = [...checked.errors, ...(expansion?.errors ?? [])]
    const told = new Set(errors.map(({ path }) => path))
    const isNew = ({ path }: Finding) => !told.has(path)
    if (o.referencesNeeded) errors.push(...(expansion?.missing ?? []).filter(isNew))
    for (const { path } of errors) told.add(path)
    const warnings = [...checked.warnings, ...(expansion?.warnings ?? [])].filter(isNew)
    findings.push(...remarks('error', checked, errors), ...remarks('warning', checked, warnings))
    if (errors.length || checked.manifest.flawed || (o.strict && warnings.length)) invalid++
  }
  const valid = input.objects.length + input.broken - invalid
  if (valid + invalid + input.skipped === 0) {
    findings.push({ severity: 'error', file: input.names.join(', '), path: '', message: 'holds no object' })
    invalid = 1
  }
  return { valid, invalid, skipped: input.skipped, findings: findings.sort(byPlace(input.names)) }
}

const remarks = (severity: Remark['severity'], checked: CheckedObject, findings: Finding[]): Remark[] =>
  findings.map(({ path, message }) => ({
    severity,
    ...checked.manifest.positionOf(path),
    kind: checked.kind,
    namespace: checked.namespace,
    name: checked.name,
    path,
    message,
  }))

const byPlace = (files: string[]) => (a: Remark, b: Remark) =>
  files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)

/** `job.yaml:7:3: spec.prompt: is required`. */
export const formatRemark = (remark: Remark): string => `${formatPosition(remark)}: ${formatFinding(remark)}`
