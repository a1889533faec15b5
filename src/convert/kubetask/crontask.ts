import type { Fields } from '../../api/isfields.ts'
import type { ForeignKind } from '../foreign.ts'
import { ours } from '../metadata.ts'
import { defined, members, type Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { OWN_KEYS } from './group.ts'
import { jobSpec } from './jobspec.ts'
import { CRON_TASK } from './taskfates.ts'

/** A CronTask becomes an AgentJob with a schedule. */
export const cronTask: ForeignKind = {
  kind: 'CronTask',
  becomes: 'AgentJob',
  fates: CRON_TASK,
  make(object, around) {
    const spec = object.inside('spec')
    const inner = spec?.inside('taskTemplate')?.inside('spec')
    if (spec && !inner) spec.fail('taskTemplate', 'must have a spec: what the runs are to do')
    const made = spec?.made({ ...scheduleOf(spec), ...(inner && jobSpec(inner, around)), ...limitsOf(spec) })
    return [ours('AgentJob', object, made, OWN_KEYS)]
  },
}

/** https://pkg.go.dev/github.com/robfig/cron/v3#hdr-Time_zones */
const ZONE = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/s

function scheduleOf(spec: Reader): Fields {
  const schedule = spec.take('schedule')
  const timezone = spec.take('timeZone')
  const [, zone, rest] = ZONE.exec(shown(schedule)) ?? []
  if (zone !== undefined) {
    if (timezone !== undefined) spec.drop('timeZone', 'stands before the schedule as well, and that counts')
    spec.note('schedule', `has its time zone before it; timezone: ${zone} is written`)
    return { schedule: rest, timezone: zone }
  }
  if (timezone === undefined && spec.has('schedule'))
    spec.note(
      'schedule',
      'counts in the time zone of the controller there; timezone: Etc/UTC is written, which that is in its own image',
    )
  return defined({ schedule, timezone: timezone ?? 'Etc/UTC' })
}

function limitsOf(spec: Reader): Fields {
  const successful = spec.take('successfulTasksHistoryLimit')
  const failed = spec.take('failedTasksHistoryLimit')
  const both = spec.take('maxRetainedTasks')
  return defined({
    ...members(spec, ['concurrencyPolicy', 'startingDeadlineSeconds', 'suspend']),
    successfulRunsHistoryLimit: successful ?? both,
    failedRunsHistoryLimit: failed ?? both ?? 1,
  })
}
