import { expect, test } from 'bun:test'
import { hasAdditions } from './additions.ts'

const cronJob = (podSpec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: { jobTemplate: { spec: { template: { spec: podSpec } } } },
})
const ours = cronJob({ containers: [], serviceAccountName: 'nightly-runner' })

test.each([
  { name: 'nothing more', live: cronJob({ containers: [] }), want: false },
  {
    name: 'defaults',
    live: cronJob({ containers: [], dnsPolicy: 'ClusterFirst', serviceAccount: 'nightly-runner' }),
    want: false,
  },
  { name: "the host's network", live: cronJob({ containers: [], hostNetwork: true }), want: true },
  { name: 'init containers', live: cronJob({ containers: [], initContainers: [{}] }), want: true },
])('additions: $name', ({ live, want }) => {
  expect(hasAdditions(ours, live)).toBe(want)
})

test('only the pods of a CronJob are looked at', () => {
  expect(hasAdditions({ ...ours, kind: 'ConfigMap' }, cronJob({ hostNetwork: true }))).toBe(false)
})
