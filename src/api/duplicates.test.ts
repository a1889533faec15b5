import { describe, expect, test } from 'bun:test'
import { agentJob } from './agentjob.ts'
import { duplicates } from './duplicates.ts'
import { formatFinding } from './finding.ts'
import { mcpServer } from './mcpserver.ts'

const cases: { name: string; given: unknown; want: string[] }[] = [
  { name: 'none', given: { skillRefs: ['a', 'b'], env: [{ name: 'A' }, { name: 'B' }] }, want: [] },
  {
    name: 'in a set',
    given: { skillRefs: ['a', 'b', 'a', 'a'] },
    want: ['spec.skillRefs[2]: a', 'spec.skillRefs[3]: a'],
  },
  {
    name: 'numbers in a set',
    given: { retry: { onFailures: [3, 'OOMKilled', 4, 3] } },
    want: ['spec.retry.onFailures[3]: 3'],
  },
  {
    name: 'in a map, by its key',
    given: {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    want: ['spec.env[1].name: A'],
  },
  { name: 'in a plain list they may be', given: { envFrom: [{ prefix: 'A' }, { prefix: 'A' }] }, want: [] },
  { name: 'other shapes', given: { skillRefs: 'aa', env: [null, 1, {}, {}, [], { name: 1 }, { name: 1 }] }, want: [] },
  { name: 'no object', given: null, want: [] },
]

describe('duplicates', () => {
  for (const { name, given, want } of cases)
    test(name, () =>
      expect(duplicates(agentJob.spec, given, ['spec']).map(formatFinding)).toEqual(
        want.map((text) => `${text} stands here twice; remove one of them`),
      ),
    )

  test('below refinements', () =>
    expect(duplicates(mcpServer.spec, { headers: [{ name: 'A' }, { name: 'A' }] }, ['spec'])).toHaveLength(1))
})
