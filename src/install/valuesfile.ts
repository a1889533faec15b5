import { z } from 'zod'
import { type Fields, isFields } from '../api/isfields.ts'
import { toYaml } from '../cli/print.ts'
import { Values } from './values.ts'

/** A JSON schema of draft 7, as far as this one goes. */
interface Schema {
  description?: string
  properties?: Record<string, Schema>
  default?: unknown
  enum?: unknown[]
  [key: string]: unknown
}

/** One value: what it is called, what it is for, and what it is unless said; undefined where it is nothing. */
interface Entry {
  path: string[]
  description: string
  /** A group of further values. */
  isGroup: boolean
  fallback: unknown
}

const schema = (): Schema => z.toJSONSchema(Values, { target: 'draft-7', io: 'input' }) as Schema
/** What Helm gives, and nobody sets. */
const NOT_SHOWN = ['global']

function entries(): Entry[] {
  const walk = (node: Schema, path: string[], fallback: unknown): Entry[] =>
    Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
      if (!path.length && NOT_SHOWN.includes(key)) return []
      const below = (fallback as Record<string, unknown> | undefined)?.[key]
      const one = {
        path: [...path, key],
        description: described(child),
        fallback: below,
        isGroup: Boolean(child.properties),
      }
      return [one, ...(one.isGroup ? walk(child, one.path, below) : [])]
    })
  return walk(schema(), [], Values.parse({}))
}

const described = ({ description = '', enum: words }: Schema) =>
  words ? `${description} One of: ${words.join(', ')}.` : description

const WIDTH = 118

/** The chart's values.yaml: every value with its default and what it is for. */
export function valuesYaml(): string {
  const lines = entries().flatMap(({ path, description, isGroup, fallback }) => {
    const indent = '  '.repeat(path.length - 1)
    const key = path.at(-1)
    const line = isGroup
      ? `${key}:`
      : fallback === undefined
        ? `# ${key}:`
        : toYaml({ [key as string]: fallback }).trimEnd()
    const [head = '', ...rest] = line.split('\n')
    const blank = path.length === 1 ? [''] : []
    return [
      ...blank,
      ...wrapped(description, WIDTH - indent.length).map((text) => `${indent}# ${text}`),
      ...[head, ...rest].map((text) => `${indent}${text}`),
    ]
  })
  return `${lines.slice(1).join('\n')}\n`
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width - 2) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The chart's values.schema.json. */
export const valuesSchema = (): object => withPlaces(schema()) as object

/**
 * A schema in which a pattern of names stands in patternProperties. Of a name that propertyNames refuses, Helm's validator
 * tells a place somewhere else in the values.
 */
function withPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withPlaces)
  if (!isFields(node)) return node
  const all: Fields = Object.fromEntries(Object.entries(node).map(([key, below]) => [key, withPlaces(below)]))
  const { pattern, ...propertyNames } = (all.propertyNames ?? {}) as Fields
  if (typeof pattern !== 'string') return all
  const patternProperties = { [pattern]: all.additionalProperties }
  return { ...all, propertyNames, patternProperties, additionalProperties: false }
}

/** The table of the chart's README. */
export function valuesTable(): string {
  const rows = entries()
    .filter(({ isGroup }) => !isGroup)
    .map(({ path, description, fallback }) => [
      `\`${path.join('.')}\``,
      description,
      fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``,
    ])
  return [['value', 'what it is', 'default'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}
