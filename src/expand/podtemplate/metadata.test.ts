import { describe, expect, test } from 'bun:test'
import { mergeMetadata } from './metadata.ts'
import type { Fields } from './shape.ts'

const OURS = { labels: { ours: 'a' }, annotations: { ours: 'b' } }

function run(given: Fields) {
  const refused: string[] = []
  const merged = mergeMetadata(OURS, given, 'metadata', (path, message) => refused.push(`${path}: ${message}`))
  return { merged, refused }
}

const RESERVED = 'is reserved for what the operator and Kubernetes write'
const KEY = 'is no valid key; it must be PREFIX/NAME or NAME, the name of at most 63 letters, digits, "-", "_" and "."'

const cases: { name: string; given: Fields; want: string[] }[] = [
  { name: 'labels and annotations', given: { labels: { a: 'b' }, annotations: { 'A.b/C': 'any text ä' } }, want: [] },
  {
    name: 'another member',
    given: { namespace: 'x' },
    want: ['metadata.namespace: cannot be set; allowed here: labels, annotations'],
  },
  {
    name: 'no map',
    given: { labels: [], annotations: null },
    want: ['metadata.labels: must be a map of strings', 'metadata.annotations: must be a map of strings'],
  },
  { name: 'a number', given: { labels: { a: 1 } }, want: ['metadata.labels.a: must be a string; put it in quotes'] },
  {
    name: 'a label of ours',
    given: { labels: { 'agentjob.io/agentjob': 'x' } },
    want: [`metadata.labels["agentjob.io/agentjob"]: ${RESERVED}`],
  },
  {
    name: 'below our domain',
    given: { labels: { 'x.agentjob.io/a': 'x' } },
    want: [`metadata.labels["x.agentjob.io/a"]: ${RESERVED}`],
  },
  { name: 'a domain that only looks like ours', given: { labels: { 'myagentjob.io/a': 'x' } }, want: [] },
  {
    name: 'a recommended label',
    given: { labels: { 'app.kubernetes.io/instance': 'x' } },
    want: [`metadata.labels["app.kubernetes.io/instance"]: ${RESERVED}`],
  },
  {
    name: "Kueue's",
    given: { labels: { 'kueue.x-k8s.io/queue-name': 'x' } },
    want: [`metadata.labels["kueue.x-k8s.io/queue-name"]: ${RESERVED}`],
  },
  {
    name: "the Job controller's",
    given: { labels: { 'batch.kubernetes.io/job-name': 'x' } },
    want: [`metadata.labels["batch.kubernetes.io/job-name"]: ${RESERVED}`],
  },
  {
    name: "the Job controller's older ones",
    given: { labels: { 'controller-uid': 'x', 'job-name': 'x' } },
    want: [`metadata.labels.controller-uid: ${RESERVED}`, `metadata.labels.job-name: ${RESERVED}`],
  },
  {
    name: 'agent.json',
    given: { annotations: { 'agentjob.io/agent.json': '{}' } },
    want: [`metadata.annotations["agentjob.io/agent.json"]: ${RESERVED}`],
  },
  {
    name: 'in another case',
    given: { annotations: { 'AgentJob.io/agent.json': '{}' } },
    want: [`metadata.annotations["AgentJob.io/agent.json"]: ${RESERVED}`],
  },
  {
    name: 'AppArmor and seccomp by annotation',
    given: {
      annotations: {
        'container.apparmor.security.beta.kubernetes.io/agent': 'unconfined',
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      },
    },
    want: [
      `metadata.annotations["container.apparmor.security.beta.kubernetes.io/agent"]: cannot be set; an agent's pod is hardened`,
      `metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]: cannot be set; an agent's pod is hardened`,
    ],
  },
  {
    name: 'keys that are none',
    given: { labels: JSON.parse('{"__proto__":"x","a b":"x"}') },
    want: [`metadata.labels.__proto__: ${KEY}`, `metadata.labels["a b"]: ${KEY}`],
  },
  {
    name: 'a value that is none',
    given: { labels: { a: 'not valid' } },
    want: [
      'metadata.labels.a: must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit first and last',
    ],
  },
  {
    name: 'more than a pod can hold',
    given: { annotations: { a: 'ä'.repeat(131072) } },
    want: ["metadata.annotations: take 262150 bytes with the agent's own; at most 262144 are possible"],
  },
]

describe('mergeMetadata', () => {
  for (const { name, given, want } of cases) test(name, () => expect(run(given).refused).toEqual(want))

  test('adds to ours, and may replace what is not reserved', () => {
    expect(run({ labels: { a: 'b' }, annotations: { c: 'd' } }).merged).toEqual({
      labels: { ours: 'a', a: 'b' },
      annotations: { ours: 'b', c: 'd' },
    })
    expect(OURS).toEqual({ labels: { ours: 'a' }, annotations: { ours: 'b' } })
  })
})
