import type { z } from 'zod'
import { shortened } from './finding.ts'
import { nearest } from './unknownfields.ts'
import { withoutUser } from './withoutuser.ts'

/**
 * What an issue of zod's comes to in our words: what is wrong with the value, and what would be right; `shape` is what
 * the field takes where it is an object or a list (`a list of strings`).
 */
export function messageOf(issue: z.core.$ZodIssue, value: unknown, shape?: string): string {
  if (value === undefined && issue.code !== 'custom') return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${shape ?? article(issue.expected)}, not ${shown(value)}${wayOut(issue, value) || named(shape, value)}`
    case 'invalid_value':
      return `must be ${listed(issue.values.map(String))}, not ${shown(value)}`
    case 'too_big':
      return `must ${bound(issue.origin, 'most', issue.maximum)}`
    case 'too_small':
      return issue.minimum === 1 && (value === '' || Array.isArray(value))
        ? 'must not be empty'
        : `must ${bound(issue.origin, 'least', issue.minimum)}`
    case 'invalid_key':
      return `is no valid key: it ${messageOf(issue.issues[0] as z.core.$ZodIssue, issue.path.at(-1))}`
    case 'invalid_union':
      return `${issue.message}, not ${shown(value)}${typeof value === 'number' && /a string/.test(issue.message) ? '; put it in quotes' : ''}`
    case 'invalid_format':
      return `${issue.message}, not ${shown(value)}${bytesMeant(issue.message, value) || codeMeant(issue.message, value) || resourceMeant(issue.message, value)}`
    default:
      return issue.message
  }
}

/** How a value that was meant right is written. */
function wayOut({ expected, path }: z.core.$ZodIssueInvalidType, value: unknown): string {
  if (expected === 'string') {
    if (typeof value === 'number' || typeof value === 'boolean') return '; put it in quotes'
    const { name, ...others } = (value ?? {}) as { name?: unknown }
    return typeof name === 'string' && !Object.keys(others).length ? `; write ${shown(name)} alone` : ''
  }
  if (typeof value !== 'string') return ''
  if (expected === 'array') return '; a list is written [a, b]'
  if (expected === 'boolean') return /^(true|false)$/.test(value) ? '; leave out the quotes' : ''
  if (/^-?[0-9]+$/.test(value)) return '; leave out the quotes'
  const seconds = String(path.at(-1)).endsWith('Seconds') ? secondsOf(value) : undefined
  return seconds === undefined ? '' : `; ${value} is ${seconds} seconds`
}

/** The name of a Context in the place of what can be one, or have its name. */
const named = (shape: string | undefined, value: unknown) =>
  typeof value === 'string' &&
  /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value) &&
  /^an object \(name, type, /.test(shape ?? '')
    ? `; write {name: ${shortened(value)}}`
    : ''

/** `512mb`, `1 GB`: units as people write them, and Kubernetes does not. */
function bytesMeant(message: string, value: unknown): string {
  if (!/quantity/.test(message)) return ''
  const [, amount, unit = ''] = /^([0-9]{1,9}) ?([kmgt])i?b?$/i.exec(String(value)) ?? []
  return amount === undefined ? '' : `; did you mean ${amount}${unit.toUpperCase()}i?`
}

/** `memmory`. Who writes `gpu` does not mean `cpu`, and whose it is nobody knows. */
function resourceMeant(message: string, value: unknown): string {
  if (!/the name of a resource/.test(message)) return ''
  const near = nearest(String(value), ['cpu', 'memory', 'ephemeral-storage', 'gpu'])
  return near === undefined || near === 'gpu' ? '' : `; did you mean ${near}?`
}

/** An exit code as a text. */
const codeMeant = (message: string, value: unknown) =>
  /exit code/.test(message) && /^[0-9]{1,3}$/.test(String(value)) ? '; leave out the quotes' : ''

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400 }

function secondsOf(text: string): number | undefined {
  const [, amount, unit] = /^([0-9]{1,5})([smhd])$/.exec(text) ?? []
  return unit === undefined ? undefined : Number(amount) * (SECONDS[unit] as number)
}

const TYPES: Record<string, string> = {
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  record: 'a map',
  array: 'a list',
  object: 'an object',
}
const article = (type: string) => TYPES[type] ?? `a ${type}`
const listed = (values: string[]) =>
  values.length > 1 ? `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : (values[0] ?? '')

function bound(origin: string, which: 'most' | 'least', limit: number | bigint): string {
  if (origin === 'string') return `have at ${which} ${limit} characters`
  if (origin === 'array') return `have at ${which} ${limit} entries`
  return `be at ${which} ${limit}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'an object'
  return shortened(withoutUser(JSON.stringify(value) ?? 'nothing'))
}
