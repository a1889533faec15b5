import { expect, test } from 'bun:test'
import { annotations } from './annotations.ts'
import type { Remark } from './report.ts'

const remark = { severity: 'error', file: './a/b.yaml', line: 3, column: 5, path: 'spec', message: 'is wrong' } as const
const cases: { name: string; given: Remark; want: string }[] = [
  {
    name: 'at its place in the repository',
    given: { ...remark, kind: 'AgentJob', namespace: 'default', name: 'hello' },
    want: '::error file=a/b.yaml,line=3,col=5,title=AgentJob hello::spec: is wrong',
  },
  {
    name: 'of a file as a whole',
    given: { severity: 'warning', file: 'a.yaml', path: '', message: 'holds no object' },
    want: '::warning file=a.yaml,title=agentjob validate::holds no object',
  },
  {
    name: 'with what means something there',
    given: { ...remark, file: 'a,b:c%.yaml', message: '100%,\r\n::error::' },
    want: '::error file=a%2Cb%3Ac%25.yaml,line=3,col=5,title=agentjob validate::spec: 100%25,%0D%0A::error::',
  },
]
for (const { name, given, want } of cases)
  test(`annotations: ${name}`, () =>
    expect(annotations({ valid: 0, invalid: 1, skipped: 0, findings: [given] })).toEqual([want]))
