import { expect, test } from 'bun:test'
import { FINALIZER } from '../../controller/finalizer.ts'
import { fateOf, type Left } from './leftbehind.ts'

const job = (name: string, o: { spec?: object; phase?: string; finalizers?: string[] } = {}): Left =>
  ({
    metadata: { namespace: 'team', name, finalizers: o.finalizers },
    spec: { runtimeRef: 'echo', prompt: 'Say hello.', ...o.spec },
    status: { phase: o.phase },
  }) as Left

const begins = (lines: string[]) => lines.map((line) => line.slice(0, 46))

for (const { name, given, want } of [
  { name: 'nothing', given: [], want: [] },
  {
    name: 'what has ended, waits or pauses',
    given: [job('a', { phase: 'Succeeded' }), job('b'), job('c', { spec: { schedule: '@daily', suspend: true } })],
    want: [],
  },
  {
    name: 'what goes on by itself',
    given: [
      job('a', { phase: 'Running' }),
      job('b', { phase: 'Running', spec: { schedule: '@daily' } }),
      job('c', { spec: { schedule: '@daily' } }),
    ],
    want: ['2 agents under way: what runs goes on to its en', '2 schedules in place: Kubernetes goes on starti'],
  },
  {
    name: "somebody else's finalizer",
    given: [job('a', { finalizers: ['foregroundDeletion'] })],
    want: [],
  },
  {
    name: 'our finalizer',
    given: [job('b', { finalizers: [FINALIZER] }), job('a', { finalizers: ['foregroundDeletion', FINALIZER] })],
    want: ['2 AgentJobs with rights in the whole cluster: ', 'install it again to delete them; or take the r'],
  },
])
  test(`what is told of AgentJobs that nobody looks after: ${name}`, () =>
    expect(begins(fateOf(given))).toEqual(want.map((line) => line.slice(0, 46))))

test('they are named, a few of them', () => {
  const many = Array.from({ length: 30 }, (_, at) => job(`job-${at + 10}`, { finalizers: [FINALIZER] }))
  expect(fateOf(many)[0]).toContain(': team/job-10, team/job-11, ')
  expect(fateOf(many)[0]).toEndWith('team/job-29 and 10 more')
})
