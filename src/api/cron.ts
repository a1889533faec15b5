import { parseEvery } from './cronevery.ts'

/**
 * The grammar of schedules that Kubernetes takes: ParseStandard of robfig/cron v3, of which it is a reading in
 * TypeScript, oddities included (`*-5` is `*`, an empty list is accepted and never matches, `@every -5m` is a second).
 */

/** The values that a field matches; star where it says so with `*` or `?`, which decides how the two day fields combine. */
export interface Field {
  values: ReadonlySet<number>
  star: boolean
}

/** A schedule that names its minutes; a run starts at second 0. */
export interface Calendar {
  minute: Field
  hour: Field
  dayOfMonth: Field
  month: Field
  dayOfWeek: Field
}

/** What a schedule says: a calendar, or a distance in whole seconds. */
export type Cron = Calendar | { everySeconds: number }

interface Bounds {
  name: string
  low: number
  high: number
  takes: string
  names?: string[]
}

const BOUNDS: [Bounds, Bounds, Bounds, Bounds, Bounds] = [
  { name: 'minute', low: 0, high: 59, takes: '0-59' },
  { name: 'hour', low: 0, high: 23, takes: '0-23' },
  { name: 'day-of-month', low: 1, high: 31, takes: '1-31' },
  {
    name: 'month',
    low: 1,
    high: 12,
    takes: '1-12 or JAN-DEC',
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  {
    name: 'day-of-week',
    low: 0,
    high: 6,
    takes: '0-6 or SUN-SAT',
    names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  },
]
const FIVE = 'minute hour day-of-month month day-of-week'
const DESCRIPTORS = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])
// Go's unicode.IsSpace, which JavaScript's \s is not.
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

/** A schedule's meaning, or a sentence (without its subject) about what is wrong with it and what would be right. */
export function parseCron(text: string): Cron | string {
  if (text.includes('TZ')) return 'names a time zone; put it into the field timezone and leave it out here'
  if (text.startsWith('@every ')) return parseEvery(text.slice('@every '.length))
  if (text.startsWith('@') && !DESCRIPTORS.has(text))
    return `is ${JSON.stringify(text)}; Kubernetes takes ${[...DESCRIPTORS.keys()].join(', ')} and "@every 1h30m"`
  const words = (DESCRIPTORS.get(text) ?? text).split(SPACE).filter((word) => word !== '')
  if (words.length !== 5) return wrongCount(words)
  const fields: Field[] = []
  for (const [index, word] of words.entries()) {
    const field = parseField(word, BOUNDS[index] as Bounds)
    if (typeof field === 'string') return field
    fields.push(field)
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields as [Field, Field, Field, Field, Field]
  return { minute, hour, dayOfMonth, month, dayOfWeek }
}

function wrongCount(words: string[]): string {
  const [first = '', count] = [words[0], words.length]
  const has = `has ${count} field${count === 1 ? '' : 's'}; Kubernetes takes 5: ${FIVE}`
  if (count === 1 && DESCRIPTORS.has(`@${first}`)) return `${has}, or @${first}`
  const year = /^\d{4}$/.test(words.at(-1) ?? '')
  const extra = count === 7 ? 'the seconds and the year' : count !== 6 ? '' : year ? 'the year' : 'the seconds'
  return extra ? `${has} (drop ${extra})` : has
}

function parseField(word: string, bounds: Bounds): Field | string {
  const values = new Set<number>()
  let star = false
  for (const part of word.split(',')) {
    if (part === '') continue
    const range = parseRange(part, bounds)
    if (typeof range === 'string') return range
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
    star ||= range.star
  }
  return { values, star }
}

function parseRange(part: string, bounds: Bounds) {
  const { name, low, high, takes } = bounds
  const [range = '', stepText, ...tooMuch] = part.split('/')
  const ends = range.split('-')
  const any = ends[0] === '*' || ends[0] === '?'
  const start = any ? low : parseValue(ends[0] as string, bounds)
  const last = any ? high : ends.length === 1 ? start : parseValue(ends[1] as string, bounds)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  if (
    start === undefined ||
    last === undefined ||
    step === undefined ||
    tooMuch.length > 0 ||
    (!any && ends.length > 2)
  )
    return `has ${JSON.stringify(part)} as ${name}; it takes ${takes}, *, lists (1,3), ranges (1-5) and steps (*/2)`
  const end = ends.length === 1 && stepText !== undefined ? high : last
  const quoted = `${JSON.stringify(part)} as ${name}`
  if (name === 'day-of-week' && (start === 7 || end === 7))
    return `has ${quoted}; Kubernetes takes 0-6, and Sunday is 0`
  if (start < low || start > high) return `has ${start} as ${name}; it takes ${takes}`
  if (end > high) return `has ${end} as ${name}; it takes ${takes}`
  if (start > end) return `has ${quoted}, which runs backwards; write ${span(start, high)},${span(low, end)}`
  if (step === 0) return `has ${quoted}, with the step 0; a step is 1 or more`
  return { start, end, step, star: any && step === 1 }
}

const span = (start: number, end: number) => (start === end ? start : `${start}-${end}`)

function parseValue(text: string, bounds: Bounds): number | undefined {
  const index = bounds.names?.indexOf(text.toLowerCase()) ?? -1
  return index >= 0 ? index + bounds.low : parseNumber(text)
}

/** What Go's strconv.Atoi takes, without negative numbers: `5`, `+5`, `007`, up to 2^63 - 1. */
function parseNumber(text: string): number | undefined {
  if (!/^\+?[0-9]+$/.test(text)) return undefined
  return BigInt(text.replace('+', '')) < 2n ** 63n ? Number(text) : undefined
}
