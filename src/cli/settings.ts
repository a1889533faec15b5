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
  for (const issue of result.error?.issues ?? []) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
    for (const key of unknown)
      wrong.push({ ...(manifest?.positionOf(key) ?? { file }), message: `${key}: ${unknownSetting(key)}` })
    if (!unknown.length) {
      const path = fieldPath(issue.path)
      wrong.push({ ...(manifest?.positionOf(path) ?? { file }), message: `${path}: ${issue.message}` })
    }
  }
  throw new Failure(wrong.map((error) => `${formatPosition(error)}: ${error.message}`))
}

function unknownSetting(key: string): string {
  const known = Object.keys(Settings.shape)
  const near = nearest(key, known)
  return near ? `no such setting; did you mean ${near}?` : `no such setting; there are ${known.join(', ')}`
}
