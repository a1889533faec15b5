import { parse } from 'yaml'
import { fieldPath } from '../../api/finding.ts'
import { type Fields, isFields } from '../../api/isfields.ts'
import { nearest } from '../../api/unknownfields.ts'
import { overDefaults, Values } from '../../install/values.ts'
import { EXIT, Failure } from '../exit.ts'
import { readSources } from '../files.ts'
import { type Manifest, parseManifests } from '../manifests.ts'
import { formatPosition } from '../position.ts'

/**
 * The values of files, of which the later ones count more, and of `--set PATH=VALUE`, which count most; maps are merged
 * and null takes a default away, as helm does it. A Failure with every value that is none, and where it stands.
 */
export async function readValues(files: string[], sets: string[]): Promise<Values> {
  const { sources, errors } = await readSources(files, { recursive: false })
  const parsed = sources.map(({ file, text }) => parseManifests(file, text))
  const wrong = [...errors, ...parsed.flatMap((one) => one.errors)].map(
    (one) => `${formatPosition(one)}: ${one.message}`,
  )
  const manifests = parsed.flatMap((one) => one.manifests)
  const all = [...manifests.map(({ object }) => object), ...sets.map(setOf)]
  const result = Values.safeParse(overDefaults(all))
  if (result.success && !wrong.length) return result.data
  for (const issue of result.error?.issues ?? []) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
    for (const key of keys) wrong.push(`${placeOf(manifests, [...issue.path, key])}: ${unknown(issue.path, key)}`)
    if (!keys.length) wrong.push(`${placeOf(manifests, issue.path)}: ${issue.message}`)
  }
  throw new Failure(wrong, EXIT.usage)
}

/** `a.b=c` as {a: {b: c}}; what stands behind the sign is YAML. */
function setOf(text: string): Fields {
  const at = text.indexOf('=')
  if (at < 1) throw new Failure(`--set ${text}: PATH=VALUE is wanted, such as clusterAccess.enabled=true`, EXIT.usage)
  let value: unknown
  try {
    value = parse(text.slice(at + 1))
  } catch (error) {
    throw new Failure(`--set ${text}: ${(error as Error).message.split('\n')[0]}`, EXIT.usage)
  }
  const keys = text.slice(0, at).split('.')
  return keys.reduceRight<unknown>((below, key) => ({ [key]: below }), value ?? '') as Fields
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
  const around = path.reduce<unknown>((value, name) => (value as Fields)?.[String(name)], Values.parse({}))
  const known = isFields(around) ? Object.keys(around) : []
  const near = nearest(key, known)
  return near ? `no such value; did you mean ${near}?` : `no such value; there are ${known.join(', ')}`
}
