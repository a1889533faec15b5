import { parse } from 'yaml'
import { fieldPath } from '../../api/finding.ts'
import type { Fields } from '../../api/isfields.ts'
import { membersAt, schemaAt } from '../../api/shapes.ts'
import { nearest } from '../../api/unknownfields.ts'
import { overDefaults, Values } from '../../install/values.ts'
import { EXIT, Failure } from '../exit.ts'
import { readSources } from '../files.ts'
import { issueText } from '../issues.ts'
import { type Manifest, parseManifests } from '../manifests.ts'
import { formatPosition } from '../position.ts'

/**
 * The values of files, of which the later ones count more, and of `--set PATH=VALUE`, which count most; maps are merged
 * and null takes a default away, as helm does it. A Failure with every value that is none, and where it stands.
 */
export async function readValues(files: string[], sets: string[]): Promise<Values> {
  const { sources, errors } = await readSources(files)
  const parsed = sources.map(({ file, text }) => parseManifests(file, text))
  const wrong = [...errors, ...parsed.flatMap((one) => one.errors)].map(
    (one) => `${formatPosition(one)}: ${one.message}`,
  )
  const manifests = parsed.flatMap((one) => one.manifests)
  const all = [...manifests.map(({ object }) => object), ...sets.map(setOf)]
  const given = overDefaults(all)
  const result = Values.safeParse(given)
  if (result.success && !wrong.length) return result.data
  for (const issue of result.error?.issues ?? []) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
    for (const key of keys) wrong.push(`${placeOf(manifests, [...issue.path, key])}: ${unknown(issue.path, key)}`)
    if (!keys.length) wrong.push(`${placeOf(manifests, issue.path)}: ${issueText(issue, Values, given)}`)
  }
  throw new Failure(wrong, EXIT.usage)
}

/** `a.b=c` as {a: {b: c}}. */
function setOf(text: string): Fields {
  const at = text.indexOf('=')
  if (at < 1) throw new Failure(`--set ${text}: PATH=VALUE is wanted, such as clusterAccess.enabled=true`, EXIT.usage)
  const keys = text.slice(0, at).split('.')
  try {
    return keys.reduceRight<unknown>((below, key) => ({ [key]: below }), setValue(text.slice(at + 1), keys)) as Fields
  } catch (error) {
    throw new Failure(`--set ${text}: ${(error as Error).message.split('\n')[0]}`, EXIT.usage)
  }
}

/** YAML; text as it stands where the value is one, and `{a,b}` a list where it is one, as helm has it. */
function setValue(text: string, path: string[]): unknown {
  if (text === '') return text
  if (text === 'null') return null
  const schema = schemaAt(Values, path)
  const type = schema?._zod.def.type
  if (type === 'string' || type === 'enum') return text
  const [, items] = /^\{(.*)\}$/s.exec(text) ?? []
  return parse(type === 'array' && items !== undefined ? `[${items}]` : text)
}

/** The last file that has the value, with its place in it; the value alone where it was set. */
function placeOf(manifests: Manifest[], path: readonly PropertyKey[]): string {
  const name = fieldPath(path)
  const found = manifests.findLast(({ object }) => has(object, path))
  return found ? `${formatPosition(found.positionOf(name))}: ${name}` : name
}

function has(value: unknown, [key, ...rest]: readonly PropertyKey[]): boolean {
  if (key === undefined) return true
  const below = (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return below !== undefined && has(below, rest)
}

/** What is said of a key that is no value. */
function unknown(path: readonly PropertyKey[], key: string): string {
  const known = membersAt(Values, path)
  // settings.logLevel: a value of its own
  const near = nearest(key, known) ?? (membersAt(Values, []).includes(key) ? elsewhere(key) : undefined)
  return near ? `no such value; did you mean ${near}?` : `no such value; there are ${known.join(', ')}`
}

const elsewhere = (key: string) => (membersAt(Values, [key]).includes('enabled') ? `${key}.enabled` : key)
