import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { trimmed } from './paths.ts'
import { conflictOf, type Place, placesOf } from './places.ts'
import { reservedKey } from './podmetadata.ts'

/** The rules of an AgentRuntime that no schema can say; the spec may be of any shape. */
export const runtimeRules = (spec: Fields): Finding[] => [...metadataRules(spec), ...mountRules(spec)]

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
  for (const field of ['credentials', 'contexts'])
    for (const [index, entry] of (Array.isArray(spec[field]) ? spec[field] : []).entries()) {
      if (!isFields(entry) || typeof entry.mountPath !== 'string') continue
      const what = fieldPath(['spec', field, index])
      const place: Place = { path: trimmed(entry.mountPath), what, kind: kindOf(field, entry) }
      const message = conflictOf(place, places)
      if (message) findings.push({ path: `${what}.mountPath`, message })
      else places.push(place)
    }
  return findings
}

/** One key of a Secret is a file, all of them are a folder. */
function kindOf(field: string, { secretRef }: Fields): Place['kind'] {
  if (field !== 'credentials') return undefined
  return isFields(secretRef) && secretRef.key !== undefined ? 'file' : 'folder'
}
