import type { Finding } from './finding.ts'

/** The rules of `env` that core/v1 has beside its schema: one value or one source, not both, not several. */
export function envRules(env: unknown): Finding[] {
  if (!Array.isArray(env)) return []
  const findings: Finding[] = []
  const seen = new Set<unknown>()
  env.forEach((variable, index) => {
    if (variable === null || typeof variable !== 'object') return
    const path = `spec.env[${index}]`
    if (seen.has(variable.name))
      findings.push({ path: `${path}.name`, message: `${variable.name} stands here twice; remove one of them` })
    seen.add(variable.name)
    const { valueFrom } = variable
    if (valueFrom === undefined || valueFrom === null || typeof valueFrom !== 'object') return
    if (typeof variable.value === 'string' && variable.value !== '')
      findings.push({ path, message: 'has both value and valueFrom; remove one of them' })
    if (Object.values(valueFrom).filter((source) => source !== undefined).length !== 1)
      findings.push({
        path: `${path}.valueFrom`,
        message: 'must have exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef',
      })
  })
  return findings
}
