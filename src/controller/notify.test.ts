import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import type { Notification, Run } from '../api/agentjobstatus.ts'
import { Store } from '../kube/store.ts'
import type { Owed } from '../notify/outbox.ts'
import type { CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { announceNotifications, deliverOwed } from './notify.ts'
import { createOutline, isAsleep, type SleepingAgentJob } from './outline.ts'
import { fallAsleep } from './sleep.ts'

const PENDING: Notification = { state: 'Pending', since: '2026-05-04T10:00:00Z' }
const FAILED: Notification = { state: 'Failed', time: '2026-05-04T11:00:00Z', message: 'its receiver answered 404' }
const url = 'https://hooks.test/'

const run = (uid: string, notification?: Notification): Run => ({
  ...{ jobName: `task-${uid}`, uid, phase: 'Succeeded', result: `result of ${uid}` },
  ...(notification ? { notification } : {}),
})
const job = (runs: Run[], notify?: object) =>
  ({
    metadata: { namespace: 'agents', name: 'task', uid: 'uid' },
    spec: { notify },
    expansion: { references: [], resources: [] },
    status: { runs },
  }) as unknown as CachedAgentJob

function world() {
  const owed = new Map<string, Owed[]>()
  const told: string[] = []
  const ctx = {
    outbox: { owe: (key: string, messages: Owed[]) => owed.set(key, messages) },
    record: (_: unknown, type: string, reason: string, message: string) => told.push(`${type} ${reason}: ${message}`),
  } as unknown as Context
  return { ctx, owed: () => owed.get('agents/task'), told }
}

test('what a status says is owed is to be delivered, by the uid of the run, to where the spec says', () => {
  const { ctx, owed } = world()
  const runs = [run('b', PENDING), run('c'), run('a', FAILED)]
  deliverOwed(ctx, job(runs, { url }), { runs })
  expect(owed()).toEqual([
    { id: 'b', url, since: new Date('2026-05-04T10:00:00Z'), body: expect.any(Function) as never },
  ])
  const body = JSON.parse(owed()?.[0]?.body() ?? '')
  expect(body).toMatchObject({
    data: { namespace: 'agents', name: 'task', uid: 'uid', run: { result: 'result of b' } },
  })
})

test('nothing is owed to nobody', () => {
  const { ctx, owed } = world()
  deliverOwed(ctx, job([]), { runs: [run('b', PENDING)] })
  expect(owed()).toEqual([])
})

const events: { name: string; before: Run[]; now: Run[]; want: string[] }[] = [
  { name: 'still to be delivered', before: [run('a', PENDING)], now: [run('a', PENDING)], want: [] },
  {
    name: 'delivered',
    before: [run('a', PENDING)],
    now: [run('a', { state: 'Delivered', time: PENDING.since, code: 200 })],
    want: [],
  },
  { name: 'nobody is to be told any more', before: [run('a', PENDING)], now: [run('a')], want: [] },
  {
    name: 'given up',
    before: [run('a', PENDING), run('b', FAILED)],
    now: [run('a', FAILED), run('b', FAILED)],
    want: ['Warning NotifyFailed: nobody was told that task-a ended: its receiver answered 404'],
  },
  {
    name: 'driven out of the status',
    before: [run('a', PENDING)],
    now: [],
    want: ['Warning NotifyFailed: nobody was told that task-a ended: ten newer runs have taken its place'],
  },
]
for (const { name, before, now, want } of events)
  test(`an event, or none: ${name}`, () => {
    const { ctx, told } = world()
    announceNotifications(ctx, job(before, { url }), { runs: now })
    expect(told).toEqual(want)
  })

test('an AgentJob does not fall asleep while somebody is still to be told', () => {
  const agentJobs = new Store<CachedAgentJob | SleepingAgentJob>(memoryLog())
  const jobs = new Store(memoryLog())
  jobs.index('owner', () => [])
  const caches = { agentJobs, jobs, children: new Map(), outline: createOutline() }
  const ctx = { caches, memory: createMemory() } as unknown as Context
  const isAsleepAfter = (notification: Notification, index: number) => {
    const one = job([run('a', notification)], { url })
    one.metadata.resourceVersion = `${index}`
    agentJobs.upsert(one)
    fallAsleep(ctx, one)
    return isAsleep(agentJobs.getByKey('agents/task') as CachedAgentJob)
  }
  expect([PENDING, FAILED].map(isAsleepAfter)).toEqual([false, true])
})
