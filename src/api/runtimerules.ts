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

/** No two things can be mounted in one place. */
function mountRules(spec: Fields): Finding[] {
  const pathOf = (field: keyof typeof PATHS) => (typeof spec[field] === 'string' ? spec[field] : PATHS[field])
  const taken = new Map([
    ['/tmp', 'the folder for temporary files'],
    [HOME, 'the home'],
    [trimmed(pathOf('workspaceDir')), 'spec.workspaceDir'],
    [trimmed(pathOf('persistPath')), 'spec.persistPath'],
    [configFile({ configPath: pathOf('configPath') }), 'what the agent is told'],
  ])
  const findings: Finding[] = []
  for (const [index, credential] of (Array.isArray(spec.credentials) ? spec.credentials : []).entries()) {
    if (!isFields(credential) || typeof credential.mountPath !== 'string') continue
    const path = fieldPath(['spec', 'credentials', index, 'mountPath'])
    const mountPath = trimmed(credential.mountPath)
    const other = taken.get(mountPath)
    if (other) findings.push({ path, message: `is taken; ${mountPath} is ${other} already` })
    else taken.set(mountPath, path)
  }
  return findings
}
