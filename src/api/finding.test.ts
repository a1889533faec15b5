import { describe, expect, test } from 'bun:test'
import { fieldPath, formatFinding, parseFieldPath } from './finding.ts'

describe('fieldPath', () => {
  const cases: [PropertyKey[], string, string][] = [
    [['spec', 'env', 2, 'name'], '', 'spec.env[2].name'],
    [['metadata', 'labels', 'a.b/c'], '', 'metadata.labels["a.b/c"]'],
    [['spec', ''], '', 'spec[""]'],
    [['a"b'], '', '["a\\"b"]'],
    [['name'], 'spec.env[0]', 'spec.env[0].name'],
    [[3], 'spec.env', 'spec.env[3]'],
    [[], 'spec', 'spec'],
    [[], '', ''],
  ]
  for (const [given, below, want] of cases) test(want || 'nothing', () => expect(fieldPath(given, below)).toBe(want))
})

test.each([
  [['spec', 'env', 2, 'name']],
  [['metadata', 'labels', 'a.b/c']],
  [['metadata', 'annotations', 'say "hi"]']],
  [['items', 0, 'spec', 'podTemplate', 'spec', 'containers', 10]],
  [[]],
])('%j is read back from its path', (segments) => {
  expect(parseFieldPath(fieldPath(segments))).toEqual(segments)
})

describe('formatFinding', () => {
  test('with a field', () =>
    expect(formatFinding({ path: 'spec.prompt', message: 'is required' })).toBe('spec.prompt: is required'))
  test('of the whole object', () =>
    expect(formatFinding({ path: '', message: 'must be an object' })).toBe('must be an object'))
})
