import type { AgentJob } from '../api/agentjob.ts'
import { fieldPath } from '../api/finding.ts'

/** Kinds that name Secrets and ConfigMaps for the agents' pods. */
const NAMING = ['AgentAuth', 'AgentRuntime', 'McpServer', 'Repository', 'Context']
/** More of them are no help. */
const MAX_PLACES = 3

/** Where a Secret or ConfigMap that the agent's pod needs is named: a field of the spec, else the objects that it refers to. */
export function placeOf({ spec, expansion }: AgentJob, name: string): string {
  const field = fieldNaming(spec, name, ['spec'])
  if (field) return fieldPath(field)
  const found = (expansion?.references ?? []).filter(({ kind, hash }) => NAMING.includes(kind) && hash !== '')
  const places = [...new Set(found.map((one) => `${one.kind} ${one.name}`))]
  return places.length && places.length <= MAX_PLACES ? places.join(' or ') : 'an object that the spec refers to'
}

/** The path to a `name` of this value below a field that speaks of a Secret or a ConfigMap. */
function fieldNaming(value: unknown, name: string, path: (string | number)[]): (string | number)[] | undefined {
  if (value === null || typeof value !== 'object') return undefined
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  for (const [key, member] of entries) {
    const isName =
      member === name && /^(name|secretName)$/.test(String(key)) && /secret|configMap/i.test(`${path.at(-1)} ${key}`)
    const found = isName ? [...path, key] : fieldNaming(member, name, [...path, key])
    if (found) return found
  }
  return undefined
}
