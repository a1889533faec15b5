import type { Finding } from './finding.ts'
import { isFields } from './isfields.ts'

const SOURCES = ['secretKeyRef', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef']
const isSet = (value: unknown) => value !== undefined && value !== null

/** The rules of `env` that core/v1 has beside its schema: one value or one source. The list may be of any shape. */
export function envRules(env: unknown): Finding[] {
  if (!Array.isArray(env)) return []
  return env.flatMap((variable, index): Finding[] => {
    if (!isFields(variable)) return []
    const { value, valueFrom } = variable
    if (!isFields(valueFrom)) return []
    const path = `spec.env[${index}]`
    const findings: Finding[] = []
    if (typeof value === 'string' && value !== '')
      findings.push({ path, message: 'has both value and valueFrom; remove one of them' })
    if (SOURCES.filter((source) => Object.hasOwn(valueFrom, source) && isSet(valueFrom[source])).length !== 1)
      findings.push({
        path: `${path}.valueFrom`,
        message: 'must have exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef',
      })
    return findings
  })
}

/** The same for `envFrom`: exactly one source each. */
export function envFromRules(envFrom: unknown): Finding[] {
  if (!Array.isArray(envFrom)) return []
  return envFrom.flatMap((source, index): Finding[] =>
    isFields(source) && isSet(source.configMapRef) === isSet(source.secretRef)
      ? [{ path: `spec.envFrom[${index}]`, message: 'must have exactly one of configMapRef and secretRef' }]
      : [],
  )
}
