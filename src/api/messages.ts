import type { z } from 'zod'

/** What an issue of zod's comes to in our words: what is wrong with the value, and what would be right. */
export function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== 'custom') return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}, not ${shown(value)}`
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
      return `must be a number or a string such as 500m or 1Gi, not ${shown(value)}`
    case 'invalid_format':
      return `${issue.message}, not ${shown(value)}`
    default:
      return issue.message
  }
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

/** A value as it is shown in a message: short, and never a secret's length of text. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value !== null && typeof value === 'object') return 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
