import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../api/isfields.ts'
import { lastOf, ofKubeTask, ofOpenCode, specOf, told } from '../fixtures.ts'

const taskTemplate = { spec: { description: 'Go.' } }
const schedule = '0 3 * * *'
const BASE = {
  schedule,
  timezone: 'Etc/UTC',
  runtimeRef: 'default',
  prompt: 'Go.',
  timeoutSeconds: 31_536_000,
  ttlSecondsAfterFinished: 604_800,
  failedRunsHistoryLimit: 1,
}

const cases: { name: string; given: Fields; want: Fields; said?: string[] }[] = [
  { name: 'a schedule alone', given: { schedule, taskTemplate }, want: BASE },
  {
    name: 'everything that there was in the beginning',
    given: {
      schedule,
      concurrencyPolicy: 'Replace',
      suspend: true,
      successfulTasksHistoryLimit: 0,
      failedTasksHistoryLimit: 9,
      taskTemplate: { metadata: { labels: { a: 'b' } }, spec: { description: 'Go.', agentRef: 'x' } },
    },
    want: {
      ...BASE,
      runtimeRef: 'x',
      concurrencyPolicy: 'Replace',
      suspend: true,
      successfulRunsHistoryLimit: 0,
      failedRunsHistoryLimit: 9,
    },
    said: ['dropped: spec.taskTemplate.metadata'],
  },
  {
    name: 'a time zone before the schedule',
    given: { schedule: `CRON_TZ=Asia/Tokyo ${schedule}`, taskTemplate },
    want: { ...BASE, timezone: 'Asia/Tokyo' },
  },
  {
    name: 'a time zone before it and one beside it',
    given: { schedule: `TZ=Asia/Tokyo ${schedule}`, timeZone: 'Europe/Oslo', taskTemplate },
    want: { ...BASE, timezone: 'Asia/Tokyo' },
    said: ['dropped: spec.timeZone'],
  },
  {
    name: "what KubeOpenCode's have",
    given: { schedule, timeZone: 'Europe/Oslo', startingDeadlineSeconds: 60, maxRetainedTasks: 7, taskTemplate },
    want: {
      ...BASE,
      timezone: 'Europe/Oslo',
      startingDeadlineSeconds: 60,
      successfulRunsHistoryLimit: 7,
      failedRunsHistoryLimit: 7,
    },
  },
  { name: 'seconds', given: { schedule: '0 0 3 * * *', taskTemplate }, want: {}, said: ['error: spec.schedule'] },
  {
    name: 'no template',
    given: { schedule },
    want: {},
    said: ['error: spec.taskTemplate', 'error: spec', 'error: spec'],
  },
]

describe('CronTask', () => {
  for (const { name, given, want, said = [] } of cases)
    test(name, () => {
      const conversion = lastOf(ofKubeTask('CronTask', given))
      expect(specOf(conversion) ?? {}).toEqual(want)
      expect(told(conversion, 'dropped', 'error')).toEqual(said)
    })

  test('has a shorter name', () => {
    const metadata = { name: 'x'.repeat(53) }
    const conversion = lastOf(ofOpenCode('CronTask', { schedule, taskTemplate }, { metadata }))
    expect(told(conversion, 'error')).toEqual(['error: metadata.name'])
  })
})
