import { expect, test } from 'bun:test'
import { conflictOf, type Place, placesOf } from './places.ts'

const file = (path: string): Place => ({ path, what: 'a file', kind: 'file' })
const folder = (path: string): Place => ({ path, what: 'a folder', kind: 'folder' })
const USE = 'use another path'

const cases: { given: Place; others?: Place[]; want?: string }[] = [
  { given: file('/workspace/CLAUDE.md') },
  { given: folder('/workspace/docs') },
  { given: file('/home/agent/.ssh/id') },
  { given: file('/etc/agentjob/other') },
  { given: folder('/workspace'), want: `/workspace is spec.workspaceDir already; ${USE}` },
  {
    given: file('/etc/agentjob/agent.json/x'),
    want: `/etc/agentjob/agent.json/x is inside of /etc/agentjob/agent.json, which is a file; ${USE}`,
  },
  {
    given: file('/etc/agentjob'),
    want: `/etc/agentjob/agent.json is inside of /etc/agentjob, which is a file; ${USE}`,
  },
  { given: folder('/home'), want: `/home/agent is inside of /home, which is read-only; ${USE}` },
  { given: folder('/etc'), want: `/etc/agentjob/agent.json is inside of /etc, which is read-only; ${USE}` },
  { given: file('/a/b'), others: [folder('/a')], want: `/a/b is inside of /a, which is read-only; ${USE}` },
  { given: folder('/a'), others: [file('/a/b')], want: `/a/b is inside of /a, which is read-only; ${USE}` },
  { given: { path: '/a', what: 'of no known kind' }, others: [file('/a/b')] },
  { given: file('/a'), others: [file('/ab')] },
  { given: file('/dev/termination-log'), want: `/dev/termination-log belongs to the system; ${USE}` },
  { given: folder('/proc'), want: `/proc belongs to the system; ${USE}` },
  {
    given: folder('/var/run/secrets/kubernetes.io/serviceaccount'),
    want: `/var/run/secrets/kubernetes.io/serviceaccount belongs to the system; ${USE}`,
  },
  { given: file('/development') },
]

for (const { given, others = [], want } of cases)
  test(`${given.kind} ${given.path}${others.map(({ path }) => `, beside ${path}`).join('')}`, () =>
    expect(conflictOf(given, [...placesOf({}), ...others])).toBe(want))

test('the volume of persist takes its place only where there is one', () => {
  expect(conflictOf(folder('/var/lib/agentjob'), placesOf({}, false))).toBeUndefined()
  expect(conflictOf(folder('/var/lib/agentjob'), placesOf({}))).toBeDefined()
})
