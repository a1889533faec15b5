import { expect, test } from 'bun:test'
import { serverTools } from './tools.ts'

const cases: { name: string; allowed?: string[]; want?: string[] }[] = [
  { name: 'no limit' },
  { name: 'nothing', allowed: [], want: [] },
  { name: 'one of them', allowed: ['s__a', 't__b', 'sa', 's_a'], want: ['a'] },
  { name: 'all of them by the server', allowed: ['s__a', 's'], want: ['*'] },
  { name: 'all of them by a star', allowed: ['s__*'], want: ['*'] },
]

for (const { name, allowed, want } of cases)
  test(`serverTools: ${name}`, () => expect(serverTools('s', allowed)).toEqual(want as string[]))
