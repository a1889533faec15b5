import { expect, test } from 'bun:test'
import type { AgentJob } from '../api/agentjob.ts'
import { whatRuns } from './rerun.ts'

const job = (expansion: object, spec: object = {}, status: object = {}) =>
  ({ metadata: { name: 'a' }, spec, expansion, status }) as unknown as AgentJob
const resources = [{ kind: 'Job', metadata: { name: 'a-1' } }]

const cases = [
  { name: 'a run', given: job({ rerun: 't', problems: [], resources }), want: 'runs again as Job a-1' },
  {
    name: 'a suspended one',
    given: job({ rerun: 't', problems: [], resources }, { suspend: true }),
    want: 'runs again as Job a-1 once spec.suspend is false',
  },
  {
    name: 'one that is running',
    given: job(
      { rerun: 't', problems: [], resources },
      {},
      {
        runs: [
          { jobName: 'a-due', phase: 'Running' },
          { jobName: 'a-0', phase: 'Running', revision: '0' },
        ],
      },
    ),
    want: 'runs again as Job a-1; this ends the run of Job a-0, and its log is kept',
  },
  {
    name: 'one that has run',
    given: job(
      { rerun: 't', problems: [], resources },
      {},
      { runs: [{ jobName: 'a-0', phase: 'Failed', revision: '0' }] },
    ),
    want: 'runs again as Job a-1',
  },
  {
    name: 'something in the way',
    given: job({ rerun: 't', problems: [{ path: 'spec.runtimeRef', message: 'is gone' }], resources: [] }),
    want: 'runs again when this is over: spec.runtimeRef: is gone',
  },
  {
    name: 'no answer of admission',
    given: job({ rerun: 'before', problems: [], resources }),
    want: 'runs again as soon as admission has expanded it; it did not answer this time',
  },
]
test.each(cases)('$name', ({ given, want }) => {
  expect(whatRuns(given, 't')).toBe(want)
})
