import { describe, expect, test } from 'bun:test'
import type { AgentJobStatus, Notification, Run } from '../api/agentjobstatus.ts'
import type { Notify } from '../api/notify.ts'
import { deriveStatus } from './derive.ts'
import { type Delivery, withNotifications } from './notifications.ts'
import { mergeRuns } from './runs.ts'
import { complete, job, NOW, observed, run, running, terminated } from './testdata/observed.ts'

const URL = 'https://hooks.test/'
const SINCE = '2026-05-04T10:00:00Z'
const PENDING: Notification = { state: 'Pending', since: SINCE }
const DELIVERED: Notification = { state: 'Delivered', time: '2026-05-04T10:00:05Z', code: 200 }

const cases: {
  name: string
  notify?: Notify
  before?: Partial<Run>
  now?: Partial<Run>
  delivery?: Delivery
  want: Notification | undefined
}[] = [
  { name: 'a run that is told to have ended', before: { phase: 'Running' }, want: PENDING },
  { name: 'a run whose end is the first that is told of it', want: PENDING },
  { name: 'a run that goes on', before: { phase: 'Running' }, now: { phase: 'Running' }, want: undefined },
  { name: 'a run that had ended before', before: {}, want: undefined },
  { name: 'nobody is to be told', notify: undefined, before: { phase: 'Running' }, want: undefined },
  { name: 'of other ends', notify: { url: URL, phases: ['Failed'] }, want: undefined },
  { name: 'of this end', notify: { url: URL, phases: ['Failed', 'Succeeded'] }, want: PENDING },
  {
    name: 'an end that is corrected to one that is to be told',
    notify: { url: URL, phases: ['Succeeded'] },
    before: { phase: 'Failed', reason: 'JobGone' },
    want: PENDING,
  },
  {
    name: 'an end that is corrected to one that is not, before anybody was told',
    notify: { url: URL, phases: ['Failed'] },
    before: { phase: 'Failed', reason: 'JobGone', notification: PENDING },
    want: undefined,
  },
  {
    name: 'an end that is corrected after it was told',
    before: { phase: 'Failed', notification: DELIVERED },
    want: DELIVERED,
  },
  {
    name: 'still to be delivered, since when it was',
    before: { notification: { ...PENDING, since: '2026-05-04T09:30:00Z' } },
    want: { ...PENDING, since: '2026-05-04T09:30:00Z' },
  },
  {
    name: 'delivered',
    before: { notification: PENDING },
    delivery: { state: 'Delivered', time: new Date('2026-05-04T10:00:05.900Z'), code: 200 },
    want: DELIVERED,
  },
  {
    name: 'given up',
    before: { notification: PENDING },
    delivery: { state: 'Failed', time: NOW, message: 'its receiver could not be reached' },
    want: { state: 'Failed', time: SINCE, message: 'its receiver could not be reached' },
  },
  { name: 'delivered long ago', before: { notification: DELIVERED }, want: DELIVERED },
  {
    name: 'delivered, and nobody is to be told any more',
    notify: undefined,
    before: { notification: DELIVERED },
    want: DELIVERED,
  },
  {
    name: 'still to be delivered, and nobody is to be told any more',
    notify: undefined,
    before: { notification: PENDING },
    want: undefined,
  },
  { name: 'a run without a uid, by which nobody could tell it from another', now: { uid: undefined }, want: undefined },
]

describe('withNotifications', () => {
  for (const { name, before, now = {}, delivery, want, ...o } of cases)
    test(name, () => {
      const notify = 'notify' in o ? o.notify : { url: URL }
      const ended = run('a', { phase: 'Succeeded', startTime: SINCE, ...now })
      const remembered = before ? [run('a', { phase: 'Succeeded', startTime: SINCE, ...before })] : []
      const deliveries = new Map(delivery ? [[ended.uid as string, delivery]] : [])
      const [told] = withNotifications([{ ...ended, notification: undefined }], remembered, {
        notify,
        deliveries,
        now: NOW,
      })
      expect(told?.notification).toEqual(want as Notification)
      expect(told && 'notification' in told).toBe(want !== undefined)
    })
})

/** The statuses that are written while an AgentJob with `notify` goes through these states. */
function written(
  states: { runs: ReturnType<typeof observed>['runs']; notify?: Notify; deliveries?: Map<string, Delivery> }[],
) {
  const statuses: AgentJobStatus[] = []
  for (const { notify, deliveries, runs } of states) {
    const { job, ...rest } = observed({ runs, status: statuses.at(-1) })
    const given = { ...rest, job: { ...job, spec: { ...job.spec, notify } }, deliveries }
    const status = deriveStatus(given)
    if (JSON.stringify(status) !== JSON.stringify(statuses.at(-1))) statuses.push(status)
  }
  return statuses
}

test('what is owed is told by the write that tells the end, and one more write tells what has become of it', () => {
  const notify = { url: URL }
  const deliveries = new Map<string, Delivery>([['uid-e1', { state: 'Delivered', time: NOW, code: 204 }]])
  const [started, ended] = [
    [{ job: job('e1', { status: { startTime: SINCE, active: 1 } }), pods: [running()] }],
    [{ job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }],
  ]
  const statuses = written([
    { runs: started, notify },
    { runs: ended, notify },
    { runs: ended, notify },
    { runs: ended, notify, deliveries },
    { runs: ended, notify },
    { runs: [], notify },
    { runs: [] },
  ])
  expect(statuses.map(({ runs }) => runs?.[0]?.notification?.state)).toEqual([undefined, 'Pending', 'Delivered'])
})

test('a run that ended before somebody was to be told is not told', () => {
  const ended = [{ job: job('e1', { status: complete }), pods: [terminated(0, 'done')] }]
  const statuses = written([{ runs: ended }, { runs: ended, notify: { url: URL } }])
  expect(statuses.map(({ runs }) => runs?.[0]?.notification)).toEqual([undefined])
})

test('no more than a few results are kept for that', () => {
  const before = Array.from({ length: 10 }, (_, n) =>
    run(`${n}`, {
      ...{ phase: 'Succeeded', startTime: `2026-05-04T09:${50 - n}:00Z`, notification: PENDING },
      result: 'x'.repeat(8000),
    }),
  )
  const runs = mergeRuns([], before, NOW, undefined, { notify: { url: URL }, now: NOW })
  expect(runs.map(({ result }) => result?.length)).toEqual([8000, 8000, 8000, ...Array(7).fill(1024)])
})

test('a result is kept as a whole until it has been told', () => {
  const result = 'x'.repeat(8000)
  const outputs = { a: 'b' }
  const at = (minute: number) => `2026-05-04T09:${minute}:00Z`
  const before = [
    run('c', { phase: 'Succeeded', startTime: at(13), result: 'last' }),
    run('b', { phase: 'Succeeded', startTime: at(12), result, outputs, notification: PENDING }),
    run('a', { phase: 'Succeeded', startTime: at(11), result, outputs, notification: DELIVERED }),
  ]
  const [, owed, told] = mergeRuns([], before, NOW, undefined, { notify: { url: URL }, now: NOW })
  expect([owed?.result, owed?.outputs]).toEqual([result, outputs])
  expect([told?.result?.length, told?.outputs]).toEqual([1024, undefined])
})
