import { describe, expect, test } from 'bun:test'
import { formatFinding } from './finding.ts'
import { resourceRules } from './resourcerules.ts'

const cases: { name: string; given: unknown; want: string[] }[] = [
  { name: 'nothing', given: undefined, want: [] },
  { name: 'requests alone', given: { requests: { cpu: 1 } }, want: [] },
  { name: 'limits alone', given: { limits: { cpu: 1 } }, want: [] },
  { name: 'of different resources', given: { requests: { cpu: 2 }, limits: { memory: 1 } }, want: [] },
  {
    name: 'equal, written differently',
    given: { requests: { memory: '1Gi' }, limits: { memory: '1024Mi' } },
    want: [],
  },
  {
    name: 'above',
    given: { requests: { cpu: '1100m', memory: '1Gi' }, limits: { cpu: 1, memory: '1G' } },
    want: [
      'spec.resources.requests.cpu: is 1100m, more than its limit of 1',
      'spec.resources.requests.memory: is 1Gi, more than its limit of 1G',
    ],
  },
  { name: 'a name that every object has', given: { requests: { constructor: 1 }, limits: {} }, want: [] },
  { name: 'other shapes', given: { requests: { cpu: 'x', memory: [] }, limits: { cpu: 1, memory: null } }, want: [] },
  {
    name: 'a limit that is no quantity',
    given: { requests: { cpu: 2, memory: 1 }, limits: { cpu: 0.5, memory: '-1' } },
    want: [],
  },
  { name: 'lists', given: { requests: [2], limits: [1] }, want: [] },
]

describe('resourceRules', () => {
  for (const { name, given, want } of cases)
    test(name, () => expect(resourceRules(given).errors.map(formatFinding)).toEqual(want))

  test('thousandths of a byte are a warning', () => {
    const given = { requests: { memory: '512m', cpu: '500m' }, limits: { memory: 1 } }
    expect(resourceRules(given).warnings.map(formatFinding)).toEqual([
      'spec.resources.requests.memory: is 512m, thousandths of a byte; did you mean 512Mi?',
    ])
  })
})
