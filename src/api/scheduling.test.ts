import { expect, test } from 'bun:test'
import { scheduling } from './scheduling.ts'

const cases: { name: string; toleration: object; want: string[] }[] = [
  { name: 'a taint by key', toleration: { key: 'a', operator: 'Exists' }, want: [] },
  {
    name: 'a taint by value, for a while',
    toleration: { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 0 },
    want: [],
  },
  { name: 'every taint', toleration: { operator: 'Exists' }, want: [] },
  { name: 'no key', toleration: { value: 'b' }, want: ['must name a key, unless the operator is Exists'] },
  {
    name: 'a value that nobody looks at',
    toleration: { key: 'a', operator: 'Exists', value: 'b' },
    want: ['a value goes with the operator Equal, not with Exists'],
  },
  {
    name: 'seconds without an eviction',
    toleration: { key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 },
    want: ['tolerationSeconds goes with the effect NoExecute'],
  },
  {
    name: 'no key and no value',
    toleration: { key: 'a b', value: 'c d' },
    want: [
      'must be the key of a taint, such as nvidia.com/gpu',
      'must be the value of a taint: letters, digits, "-", "_" and "."',
    ],
  },
]

for (const { name, toleration, want } of cases)
  test(`a toleration of ${name}`, () => {
    const { error } = scheduling.safeParse({ tolerations: [toleration] })
    expect(error?.issues.map(({ message }) => message) ?? []).toEqual(want)
  })
