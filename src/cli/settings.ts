import type { z } from 'zod'
import { fieldPath } from '../api/finding.ts'
import { nearest } from '../api/unknownfields.ts'
import { Settings } from '../expand/settings.ts'
import { Failure } from './exit.ts'
import { readSources } from './files.ts'
import { parseManifests } from './manifests.ts'
import { formatPosition } from './position.ts'

/**
 * The operator's settings out of a file of YAML or JSON; the defaults where none is named. Refuses what is no setting,
 * each with its place in the file.
 */
export async function readSettings(file: string | undefined): Promise<Settings> {
  if (file === undefined) return Settings.parse({})
  const { sources, errors } = await readSources([file], { recursive: false })
  const parsed = sources.map((source) => parseManifests(source.file, source.text))
  const wrong = [...errors, ...parsed.flatMap((one) => one.errors)]
  const manifests = parsed.flatMap((one) => one.manifests)
  const [manifest, second] = manifests
  if (second) wrong.push({ ...second.positionOf(''), message: 'settings are one object' })
  const result = Settings.safeParse(manifest?.object ?? {})
  if (result.success && !wrong.length) return result.data
  const say = (path: PropertyKey[], message: string) => {
    const field = fieldPath(path)
    wrong.push({ ...(manifest?.positionOf(field) ?? { file }), message: `${field}: ${message}` })
  }
  for (const issue of result.error?.issues ?? [])
    if (issue.code !== 'unrecognized_keys') say(issue.path, issue.message)
    else for (const key of issue.keys) say([...issue.path, key], unknownSetting(key, settingsAt(issue.path)))
  throw new Failure(wrong.map((error) => `${formatPosition(error)}: ${error.message}`))
}

/** The names of the settings at a path: of those below `notify`, for example. */
const settingsAt = (path: PropertyKey[]) =>
  Object.keys(path.reduce<Shape>((shape, key) => shapeOf(shape[String(key)]), Settings.shape))

type Shape = Record<string, z.ZodType>

function shapeOf(schema: z.ZodType | undefined): Shape {
  const { innerType, shape = {} } = (schema?._zod.def ?? {}) as { innerType?: z.ZodType; shape?: Shape }
  return innerType ? shapeOf(innerType) : shape
}

function unknownSetting(key: string, known: string[]): string {
  const near = nearest(key, known)
  return near ? `no such setting; did you mean ${near}?` : `no such setting; there are ${known.join(', ')}`
}
