import { describe, expect, test } from 'bun:test'
import type { Fields } from '../api/isfields.ts'
import { lastOf, ofThurkube, specOf, told } from './fixtures.ts'

const JOB = { runtimeRef: 'r', authRef: 'a', roleRef: 'o', prompt: 'Go.' }
const schedule = '0 3 * * *'

const cases: { name: string; given: Fields; want: Fields; said?: string[] }[] = [
  {
    name: 'a schedule stays as it is',
    given: ofThurkube('AgentJob', { ...JOB, schedule, timezone: 'Europe/Paris', mcpServerRefs: ['m'], model: 'x' }),
    want: { ...JOB, schedule, timezone: 'Europe/Paris', mcpServerRefs: ['m'], model: 'x' },
  },
  {
    name: 'what runs once runs again when what it refers to changes, as before',
    given: ofThurkube('AgentJob', JOB),
    want: { ...JOB, redeploy: 'OnChange' },
    said: ['note: spec'],
  },
  {
    name: 'what was started already is suspended',
    given: ofThurkube('AgentJob', { ...JOB, suspend: false }, { status: { phase: 'Running', configHash: 'x' } }),
    want: { ...JOB, redeploy: 'OnChange', suspend: true },
    said: ['note: spec', 'note: spec', 'note: status'],
  },
  {
    name: 'what was not started is not',
    given: ofThurkube('AgentJob', JOB, { status: { phase: 'Pending' } }),
    want: { ...JOB, redeploy: 'OnChange' },
    said: ['note: spec', 'note: status'],
  },
  {
    name: 'a running schedule goes on',
    given: ofThurkube('AgentJob', { ...JOB, schedule }, { status: { phase: 'Running' } }),
    want: { ...JOB, schedule },
    said: ['note: status'],
  },
  {
    name: 'what means something else is told of',
    given: ofThurkube('AgentJob', { ...JOB, schedule, suspend: true, persist: true, clusterAccessRef: 'c' }),
    want: { ...JOB, schedule, suspend: true, persist: true, clusterAccessRef: 'c' },
    said: ['note: spec.suspend', 'note: spec.persist', 'note: spec.clusterAccessRef'],
  },
  {
    name: 'a rule holds in the whole cluster',
    given: ofThurkube('ClusterAccess', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
    want: { scope: 'Cluster', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    said: ['note: spec.rules'],
  },
  {
    name: 'arguments beside a URL',
    given: ofThurkube('McpServer', { url: 'https://example.com/mcp', args: ['-v'] }),
    want: { url: 'https://example.com/mcp' },
    said: ['dropped: spec.args'],
  },
  {
    name: 'arguments of a command',
    given: ofThurkube('McpServer', { command: 'tool', args: ['-v'] }),
    want: { command: 'tool', args: ['-v'] },
  },
  {
    name: 'a token that does something now',
    given: ofThurkube('Repository', { owner: 'o', name: 'n', tokenSecretRef: { name: 's', key: 'k' } }),
    want: { owner: 'o', name: 'n', tokenSecretRef: { name: 's', key: 'k' } },
    said: ['note: spec.tokenSecretRef'],
  },
  {
    name: "a field of Kubernetes' own that ours has not",
    given: ofThurkube('AgentJob', { ...JOB, schedule, resources: { limits: { cpu: 1 }, claims: [{ name: 'gpu' }] } }),
    want: { ...JOB, schedule, resources: { limits: { cpu: 1 } } },
    said: ['dropped: spec.resources.claims'],
  },
]

describe('thurkube', () => {
  for (const { name, given, want, said = [] } of cases)
    test(name, () => {
      const conversion = lastOf(given)
      expect(conversion.objects).toHaveLength(1)
      expect(specOf(conversion)).toEqual(want)
      expect(told(conversion, 'note', 'dropped', 'error')).toEqual(said)
    })

  test('a variable that wins over the token now, and did not before', () => {
    const runtime = ofThurkube('AgentRuntime', { image: 'a', authEnvVar: 'TOKEN' })
    const job = {
      ...JOB,
      runtimeRef: 'it',
      schedule,
      env: [
        { name: 'A', value: 'b' },
        { name: 'TOKEN', value: 'c' },
      ],
    }
    const conversion = lastOf(runtime, ofThurkube('AgentJob', job))
    expect(specOf(conversion)).toEqual(job)
    expect(told(conversion, 'note')).toEqual(['note: spec.env[1].name'])
  })

  test('every error at once, and nothing comes out', () => {
    const conversion = lastOf(ofThurkube('AgentJob', { ...JOB, timeoutSeconds: 0, prompt: 3, env: [{ name: 'a b' }] }))
    expect(conversion).toMatchObject({ outcome: 'none', objects: [] })
    expect(told(conversion, 'error').sort()).toEqual([
      'error: spec.env[0].name',
      'error: spec.prompt',
      'error: spec.timeoutSeconds',
    ])
  })
})
