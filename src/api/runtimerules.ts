import { egressRules } from './egress.ts'
import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { outputRules } from './outputs.ts'
import { trimmed } from './paths.ts'
import { conflictOf, type Place, placesOf } from './places.ts'
import { reservedKey } from './podmetadata.ts'
import { templateRules } from './templates.ts'

/** The rules of an AgentRuntime that no schema can say; the spec may be of any shape. */
export const runtimeRules = (spec: Fields): Finding[] => [
  ...metadataRules(spec),
  ...mountRules(spec),
  ...outputRules(spec),
  ...templateRules(spec),
  ...egressRules(spec),
]

function metadataRules(spec: Fields): Finding[] {
  return ['podLabels', 'podAnnotations'].flatMap((field): Finding[] => {
    const entries = spec[field]
    if (!isFields(entries)) return []
    return Object.keys(entries).flatMap((key): Finding[] => {
      const message = reservedKey(key)
      return message === undefined ? [] : [{ path: fieldPath(['spec', field, key]), message }]
    })
  })
}

/** No two things can be mounted in one place; what contexts lead to is not known here. */
function mountRules(spec: Fields): Finding[] {
  const places = placesOf(spec)
  const findings: Finding[] = []
  for (const { field, ...place } of mountsOf(spec)) {
    const message = conflictOf(place, places)
    if (message) findings.push({ path: field, message })
    else places.push(place)
  }
  return findings
}

/** What a runtime mounts, each with the path of the field that says where. */
function mountsOf({ credentials, contexts, templates }: Fields): (Place & { field: string })[] {
  const within = (list: unknown, path: PropertyKey[], member: string, kindOf: (entry: Fields) => Place['kind']) =>
    (Array.isArray(list) ? list : []).flatMap((entry, index) => {
      const mountPath = isFields(entry) ? entry[member] : undefined
      if (typeof mountPath !== 'string') return []
      const what = fieldPath([...path, index])
      return [{ field: `${what}.${member}`, path: trimmed(mountPath), what, kind: kindOf(entry) }]
    })
  return [
    ...within(credentials, ['spec', 'credentials'], 'mountPath', kindOfCredential),
    ...within(contexts, ['spec', 'contexts'], 'mountPath', () => undefined),
    ...within(isFields(templates) ? templates.files : undefined, ['spec', 'templates', 'files'], 'path', () => 'file'),
  ]
}

/** One key of a Secret is a file, all of them are a folder. */
const kindOfCredential = ({ secretRef }: Fields): Place['kind'] =>
  isFields(secretRef) && secretRef.key !== undefined ? 'file' : 'folder'
