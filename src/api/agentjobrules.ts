import { envFromRules, envRules } from './envrules.ts'
import type { Finding, Findings } from './finding.ts'
import { KEEP_ALIVE } from './humanintheloop.ts'
import { isFields } from './isfields.ts'
import type { Metadata } from './kind.ts'
import { checkName } from './names.ts'
import { resourceRules } from './resourcerules.ts'
import { checkSchedule } from './schedule.ts'
import { checkTimezone } from './timezone.ts'

/** What a run that is not scheduled takes no notice of, with the values that are there by default. */
const OF_SCHEDULES: Record<string, unknown> = {
  timezone: 'Etc/UTC',
  concurrencyPolicy: 'Forbid',
  startingDeadlineSeconds: undefined,
  successfulRunsHistoryLimit: 3,
  failedRunsHistoryLimit: 3,
}

/** The rules of an AgentJob that a schema cannot say. The spec may be anything: its shape is the schema's business. */
export function agentJobRules(metadata: Metadata, spec: Record<string, unknown>): Findings {
  const scheduled = isSet(spec.schedule)
  const { errors, warnings } = checkName(metadata, scheduled)
  const resources = resourceRules(spec.resources)
  errors.push(...envRules(spec.env), ...envFromRules(spec.envFrom), ...resources.errors)
  warnings.push(...resources.warnings)
  const wrongs = { schedule: checkSchedule, timezone: checkTimezone }
  for (const [field, check] of Object.entries(wrongs)) {
    const text = spec[field]
    const wrong = isReadable(text) ? check(text) : undefined
    if (wrong) errors.push({ path: `spec.${field}`, message: wrong })
  }
  if (scheduled && typeof spec.startingDeadlineSeconds === 'number' && spec.startingDeadlineSeconds < 10)
    warnings.push({
      path: 'spec.startingDeadlineSeconds',
      message: 'below 10 a run may never start, because Kubernetes looks at its schedules every 10 seconds',
    })
  return { errors, warnings: [...warnings, ...withoutEffect(spec, scheduled)] }
}

const isSet = (value: unknown) => value !== undefined && value !== null

/** Whether the schema takes a text as long as this one; nothing else is worth the time. */
const isReadable = (text: unknown): text is string => typeof text === 'string' && text !== '' && text.length <= 255

function withoutEffect(spec: Record<string, unknown>, scheduled: boolean): Finding[] {
  const warnings: Finding[] = []
  const say = (field: string, message: string) => warnings.push({ path: `spec.${field}`, message })
  if (spec.persistence && spec.persist !== true) say('persistence', 'has no effect without persist: true')
  const { enabled, keepAlive } = isFields(spec.humanInTheLoop) ? spec.humanInTheLoop : {}
  if (isSet(keepAlive) && keepAlive !== KEEP_ALIVE && enabled !== true)
    say('humanInTheLoop.keepAlive', 'has no effect without enabled: true')
  if (scheduled && spec.redeploy === 'OnChange')
    say('redeploy', 'OnChange has no effect on a schedule, which always runs the newest')
  if (!scheduled)
    for (const [field, byDefault] of Object.entries(OF_SCHEDULES))
      if (isSet(spec[field]) && spec[field] !== byDefault) say(field, 'has no effect without a schedule')
  return warnings
}
