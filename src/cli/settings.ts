import { fieldPath } from '../api/finding.ts'
import { membersAt } from '../api/shapes.ts'
import { nearest } from '../api/unknownfields.ts'
import { Settings } from '../expand/settings.ts'
import { Failure } from './exit.ts'
import { readSources } from './files.ts'
import { issueText } from './issues.ts'
import { parseManifests } from './manifests.ts'
import { formatPosition } from './position.ts'

/**
 * The operator's settings out of a file of YAML or JSON; the defaults where none is named. Refuses what is no setting,
 * each with its place in the file; an unknown one is left out where there is somebody to be told of it.
 */
export async function readSettings(
  file: string | undefined,
  o: { onUnknown?(words: string): void } = {},
): Promise<Settings> {
  if (file === undefined) return Settings.parse({})
  const { sources, errors } = await readSources([file])
  const parsed = sources.map((source) => parseManifests(source.file, source.text))
  const wrong = [...errors, ...parsed.flatMap((one) => one.errors)]
  const manifests = parsed.flatMap((one) => one.manifests)
  const [manifest, second] = manifests
  if (second) wrong.push({ ...second.positionOf(''), message: 'settings are one object' })
  const given = structuredClone(manifest?.object ?? {})
  const at = (path: PropertyKey[], message: string) => {
    const field = fieldPath(path)
    return { ...(manifest?.positionOf(field) ?? { file }), message: `${field}: ${message}` }
  }
  for (const issue of Settings.safeParse(given).error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') {
      wrong.push(at(issue.path, issueText(issue, Settings, given)))
      continue
    }
    for (const key of issue.keys) {
      const finding = at([...issue.path, key], unknownSetting(key, membersAt(Settings, issue.path)))
      if (!o.onUnknown) wrong.push(finding)
      else o.onUnknown(lineOf(finding))
    }
    if (o.onUnknown) remove(given, issue.path, issue.keys)
  }
  if (wrong.length) throw new Failure(wrong.map(lineOf))
  return Settings.parse(given)
}

const lineOf = (finding: { file: string; message: string }) => `${formatPosition(finding)}: ${finding.message}`

function remove(object: object, path: PropertyKey[], keys: string[]): void {
  const below = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], object)
  for (const key of keys) delete (below as Record<string, unknown>)[key]
}

function unknownSetting(key: string, known: string[]): string {
  const near = nearest(key, known)
  return near ? `no such setting; did you mean ${near}?` : `no such setting; there are ${known.join(', ')}`
}
