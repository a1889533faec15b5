import { expect, test } from 'bun:test'
import type { AgentJob } from '../api/agentjob.ts'
import { whatRuns } from './rerun.ts'

const job = (expansion: object, spec: object = {}) =>
  ({ metadata: { name: 'a' }, spec, expansion }) as unknown as AgentJob
const resources = [{ kind: 'Job', metadata: { name: 'a-1' } }]

const cases = [
  { name: 'a run', given: job({ rerun: 't', problems: [], resources }), want: 'runs again as Job a-1' },
  {
    name: 'a suspended one',
    given: job({ rerun: 't', problems: [], resources }, { suspend: true }),
    want: 'runs again as Job a-1 once spec.suspend is false',
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
