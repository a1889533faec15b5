import { envFromRules, envRules } from './envrules.ts'
import type { Findings } from './finding.ts'
import type { Metadata } from './kind.ts'
import { checkName } from './names.ts'
import { resourceRules } from './resourcerules.ts'
import { checkSchedule, checkTimezone } from './schedule.ts'

/** The rules of an AgentJob that a schema cannot say. The spec may be anything: its shape is the schema's business. */
export function agentJobRules(metadata: Metadata, spec: Record<string, unknown>): Findings {
  const scheduled = spec.schedule !== undefined && spec.schedule !== null
  const { errors, warnings } = checkName(metadata, scheduled)
  errors.push(...envRules(spec.env), ...envFromRules(spec.envFrom), ...resourceRules(spec.resources))
  if (typeof spec.schedule === 'string') {
    const wrong = checkSchedule(spec.schedule)
    if (wrong) errors.push({ path: 'spec.schedule', message: wrong })
  }
  if (typeof spec.timezone === 'string') {
    const wrong = checkTimezone(spec.timezone)
    if (wrong) errors.push({ path: 'spec.timezone', message: wrong })
  }
  if (typeof spec.startingDeadlineSeconds === 'number' && spec.startingDeadlineSeconds < 10)
    warnings.push({
      path: 'spec.startingDeadlineSeconds',
      message: 'below 10 a run may never start, because Kubernetes looks at its schedules every 10 seconds',
    })
  if (spec.persistence && spec.persist !== true)
    warnings.push({ path: 'spec.persistence', message: 'has no effect without persist: true' })
  if (scheduled && spec.redeploy === 'OnChange')
    warnings.push({
      path: 'spec.redeploy',
      message: 'OnChange has no effect on a schedule, which always runs the newest',
    })
  return { errors, warnings }
}
