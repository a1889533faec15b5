import { type Finding, fieldPath } from './finding.ts'
import { reservedKey } from './podmetadata.ts'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

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
  const taken = new Map<string, string>([['/tmp', 'the folder for temporary files']])
  for (const field of ['workspaceDir', 'persistPath'])
    if (typeof spec[field] === 'string') taken.set(trimmed(spec[field]), `spec.${field}`)
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

const trimmed = (path: string) => path.replace(/\/+$/, '')
