import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { expand } from './expand.ts'
import { inputFor, type Objects } from './fixtures.ts'

const AUTH: Objects = {
  'AgentRuntime/echo': { image: 'x', authEnvVar: 'TOKEN', serviceAccountName: 'cloud' },
  'AgentAuth/model': { secretRef: { name: 's', key: 'k' } },
  'ClusterAccess/reader': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
}
const volume = (persistence: object) => ({ persist: true, persistence })

const cases: { name: string; before?: object; spec: object; objects?: Objects; want: string[] }[] = [
  { name: 'nothing', spec: {}, want: [] },
  {
    name: 'a missing reference',
    spec: { skillRef: 'review' },
    want: ['spec.skillRef: there is no AgentSkill "review" in namespace agents; nothing runs until there is one'],
  },
  {
    name: 'a day that never comes',
    spec: { schedule: '0 0 31 2 *' },
    want: ['spec.schedule: "0 0 31 2 *" never fires: there is no such date'],
  },
  {
    name: 'another ServiceAccount',
    spec: { clusterAccessRef: 'reader' },
    objects: AUTH,
    want: [
      'spec.clusterAccessRef: the agent runs as the ServiceAccount of its ClusterAccess, not as the AgentRuntime\'s "cloud"',
    ],
  },
  {
    name: 'a token of its own',
    spec: { authRef: 'model', env: [{ name: 'TOKEN', value: 'x' }] },
    objects: AUTH,
    want: ['spec.env: TOKEN wins over the token of AgentAuth "model"'],
  },
  {
    name: 'the variable of a token that is not named',
    spec: { env: [{ name: 'TOKEN', value: 'x' }] },
    objects: AUTH,
    want: [],
  },
  { name: 'a volume that grows', before: volume({ size: '1Gi' }), spec: volume({ size: '1025Mi' }), want: [] },
  {
    name: 'a volume that would shrink',
    before: volume({ size: '1Gi' }),
    spec: volume({ size: '1000Mi' }),
    want: ['spec.persistence.size: a volume only grows; it stays at 1Gi'],
  },
  {
    name: 'a volume of another kind',
    before: volume({ storageClassName: 'slow' }),
    spec: volume({ storageClassName: 'fast', accessMode: 'ReadWriteMany' }),
    want: ['accessMode', 'storageClassName'].map(
      (field) =>
        `spec.persistence.${field}: cannot change on a volume that is there; delete its PersistentVolumeClaim for a new one`,
    ),
  },
  { name: 'a volume that is left out', before: volume({ size: '1Gi' }), spec: {}, want: [] },
]

describe('warningsOf', () => {
  for (const { name, before, spec, objects, want } of cases)
    test(name, () => {
      const previous = before && expand(inputFor(before, objects)).expansion
      const { warnings, errors } = expand(inputFor(spec, objects, { previous }))
      expect(errors).toEqual([])
      expect(warnings.map(formatFinding)).toEqual(want)
    })
})
