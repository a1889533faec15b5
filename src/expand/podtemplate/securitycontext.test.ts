import { describe, expect, test } from 'bun:test'
import { mergeSecurityContext } from './securitycontext.ts'
import type { Fields } from './shape.ts'

function run(of: 'pod' | 'container', given: Fields) {
  const refused: string[] = []
  const merged = mergeSecurityContext(of, { ours: true }, given, 'at', (path) => refused.push(path))
  return { merged, refused }
}

const FINE: { of: 'pod' | 'container'; field: string; values: unknown[] }[] = [
  { of: 'pod', field: 'runAsNonRoot', values: [true] },
  { of: 'pod', field: 'runAsUser', values: [1, 65532, 2147483647] },
  { of: 'pod', field: 'fsGroup', values: [1] },
  { of: 'pod', field: 'supplementalGroups', values: [[], [1, 2]] },
  { of: 'pod', field: 'fsGroupChangePolicy', values: ['Always', 'OnRootMismatch'] },
  { of: 'container', field: 'allowPrivilegeEscalation', values: [false] },
  { of: 'container', field: 'privileged', values: [false] },
  { of: 'container', field: 'readOnlyRootFilesystem', values: [true] },
  {
    of: 'container',
    field: 'seccompProfile',
    values: [{ type: 'RuntimeDefault' }, { type: 'Localhost', localhostProfile: 'a.json' }],
  },
]

const WEAK: { of: 'pod' | 'container'; field: string; values: unknown[] }[] = [
  { of: 'pod', field: 'runAsNonRoot', values: [false, null, 'true', 1] },
  { of: 'pod', field: 'runAsUser', values: [0, -1, 1.5, 2147483648, '1', null, true, {}] },
  { of: 'container', field: 'runAsUser', values: [0] },
  { of: 'pod', field: 'runAsGroup', values: [0, null] },
  { of: 'pod', field: 'fsGroup', values: [0, '0'] },
  { of: 'pod', field: 'supplementalGroups', values: [[0], [1, 0], ['1'], {}, null] },
  { of: 'pod', field: 'fsGroupChangePolicy', values: ['Never', null] },
  { of: 'container', field: 'allowPrivilegeEscalation', values: [true, null] },
  { of: 'container', field: 'privileged', values: [true, null, 'false'] },
  { of: 'container', field: 'readOnlyRootFilesystem', values: [false, null] },
  {
    of: 'container',
    field: 'capabilities',
    values: [
      { add: ['SYS_ADMIN'] },
      { add: 'SYS_ADMIN' },
      { add: { length: 1 } },
      { Add: [] },
      { drop: 'ALL' },
      [],
      null,
    ],
  },
  {
    of: 'pod',
    field: 'seccompProfile',
    values: [
      { type: 'Unconfined' },
      {},
      { type: 'Localhost' },
      { type: 'RuntimeDefault', localhostProfile: 'x' },
      { type: 'RuntimeDefault', x: 1 },
      'RuntimeDefault',
      null,
    ],
  },
  // of the other one, of neither, and of a later Kubernetes
  { of: 'pod', field: 'privileged', values: [false] },
  { of: 'pod', field: 'capabilities', values: [{ drop: ['ALL'] }] },
  { of: 'container', field: 'fsGroup', values: [1] },
  { of: 'pod', field: 'sysctls', values: [[]] },
  { of: 'container', field: 'procMount', values: ['Default'] },
  { of: 'container', field: 'seLinuxOptions', values: [{}] },
  { of: 'container', field: 'windowsOptions', values: [{}] },
  { of: 'container', field: 'appArmorProfile', values: [{ type: 'RuntimeDefault' }] },
  { of: 'container', field: 'constructor', values: [true] },
]

describe('mergeSecurityContext', () => {
  for (const { of, field, values } of FINE)
    for (const value of values)
      test(`takes ${field} ${JSON.stringify(value)} for a ${of}`, () =>
        expect(run(of, { [field]: value })).toEqual({ merged: { ours: true, [field]: value }, refused: [] }))

  for (const { of, field, values } of WEAK)
    for (const value of values)
      test(`refuses ${field} ${JSON.stringify(value)} for a ${of}`, () =>
        expect(run(of, { [field]: value }).refused).toEqual([`at.${field}`]))

  for (const capabilities of [{ drop: ['ALL'] }, { drop: [] }, { add: [] }, {}])
    test(`keeps on dropping all with capabilities ${JSON.stringify(capabilities)}`, () =>
      expect(run('container', { capabilities })).toEqual({ merged: { ours: true }, refused: [] }))
})
