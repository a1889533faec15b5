import type { Colour } from '../../src/cli/colour.ts'
import type { Measured, Unit } from './benchmark.ts'
import type { Machine } from './machine.ts'
import { median } from './statistics.ts'
import { reaches, type Target, targetOf } from './targets.ts'

/** A figure over all rounds. */
export interface Figure {
  benchmark: string
  name: string
  unit: Unit
  /** With how many AgentJobs. */
  size?: number
  /** One value a round. */
  rounds: number[]
  min: number
  median: number
  max: number
  target?: Target
  /** Whether the median reaches the target. */
  reached?: boolean
}

/** All that a run has found out; what `-o json` prints. */
export interface Report {
  started: string
  /** Figures of a quick run mean nothing. */
  quick: boolean
  machine: Machine
  figures: Figure[]
}

/** Puts the rounds of a benchmark together, figure by figure, in the order in which they were first told. */
export function figuresOf(benchmark: string, rounds: Measured[][]): Figure[] {
  const grouped = new Map<string, Measured[]>()
  for (const measured of rounds.flat()) {
    const key = `${measured.name}@${measured.size}`
    grouped.set(key, [...(grouped.get(key) ?? []), measured])
  }
  return [...grouped.values()].map((group) => {
    const { name, unit, size } = group[0] as Measured
    const values = group.map(({ value }) => value)
    const target = targetOf(benchmark, name, size)
    const middle = median(values)
    return {
      benchmark,
      name,
      unit,
      size,
      rounds: values,
      min: Math.min(...values),
      median: middle,
      max: Math.max(...values),
      ...(target ? { target, reached: reaches(target, middle) } : {}),
    }
  })
}

/** The figures as a table, one line each. */
export function table(figures: Figure[], colour: Colour): string {
  const rows = figures.map((figure) => [
    figure.benchmark,
    titleOf(figure),
    ...[figure.min, figure.median, figure.max].map(format),
    figure.unit,
    figure.target ? targetText(figure.target) : '',
    figure.reached === undefined ? '' : figure.reached ? 'ok' : 'missed',
  ])
  const all = [['BENCHMARK', 'FIGURE', 'MIN', 'MEDIAN', 'MAX', 'UNIT', 'TARGET', ''], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const isNumber = (column: number) => column >= 2 && column <= 4
  const line = (row: string[]) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return all
    .map((row) => line(row))
    .map((text, i) => (i === 0 ? colour('bold', text) : colourOf(rows[i - 1]!.at(-1)!, text, colour)))
    .map((text) => `${text}\n`)
    .join('')
}

const colourOf = (verdict: string, text: string, colour: Colour) =>
  verdict === 'missed' ? colour('red', text) : verdict === 'ok' ? colour('green', text) : text

/** A figure's name with its size. */
export const titleOf = ({ name, size }: { name: string; size?: number }): string =>
  size === undefined ? name : `${name} (${size.toLocaleString('en')} AgentJobs)`

export const targetText = (target: Target): string =>
  'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast.toLocaleString('en')}`

/** Three digits that count. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
