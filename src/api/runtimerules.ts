import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { configFile, HOME, PATHS, trimmed } from './paths.ts'
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

/** Places in the container of an agent that are something already, whatever its credentials and contexts. */
export function takenPlaces(spec: Fields): Map<string, string> {
  const pathOf = (field: keyof typeof PATHS) => (typeof spec[field] === 'string' ? spec[field] : PATHS[field])
  return new Map([
    ['/tmp', 'the folder for temporary files'],
    [HOME, 'the home'],
    [trimmed(pathOf('workspaceDir')), 'spec.workspaceDir'],
    [trimmed(pathOf('persistPath')), 'spec.persistPath'],
    [configFile({ configPath: pathOf('configPath') }), 'what the agent is told'],
  ])
}

/** No two things can be mounted in one place. */
function mountRules(spec: Fields): Finding[] {
  const taken = takenPlaces(spec)
  const findings: Finding[] = []
  for (const field of ['credentials', 'contexts'])
    for (const [index, entry] of (Array.isArray(spec[field]) ? spec[field] : []).entries()) {
      if (!isFields(entry) || typeof entry.mountPath !== 'string') continue
      const path = fieldPath(['spec', field, index, 'mountPath'])
      const mountPath = trimmed(entry.mountPath)
      const other = taken.get(mountPath)
      if (other) findings.push({ path, message: `is taken; ${mountPath} is ${other} already` })
      else taken.set(mountPath, path)
    }
  return findings
}
