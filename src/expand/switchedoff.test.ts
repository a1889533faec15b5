import { expect, test } from 'bun:test'
import { expand } from './expand.ts'
import { inputFor, type Objects } from './fixtures.ts'
import { Settings } from './settings.ts'

const ACCESS: Objects = {
  'ClusterAccess/reader': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
}
const SPEC = { schedule: '@daily', clusterAccessRef: 'reader', persist: true }
const OFF = Settings.parse({ clusterAccess: false })
const MESSAGE =
  'ClusterAccess is switched off in this cluster; remove clusterAccessRef, or ask whoever runs AgentJob here to set clusterAccess.enabled'

test('where ClusterAccess is switched off, an AgentJob that names one is refused', () => {
  const { errors } = expand(inputFor(SPEC, ACCESS, { settings: OFF }))
  expect(errors).toEqual([{ path: 'spec.clusterAccessRef', message: MESSAGE }])
})

test('one without is expanded as ever', () => {
  const on = expand(inputFor({ schedule: '@daily' }, ACCESS))
  expect(expand(inputFor({ schedule: '@daily' }, ACCESS, { settings: OFF }))).toEqual(on)
})

test('one that is there loses its account and its rights, and its schedule pauses', () => {
  const previous = expand(inputFor(SPEC, ACCESS)).expansion
  const { expansion, errors } = expand(inputFor(SPEC, ACCESS, { settings: OFF, previous, specChanged: false }))
  expect(errors).toEqual([])
  expect(expansion.problems).toEqual([{ reason: 'Invalid', path: 'spec.clusterAccessRef', message: MESSAGE }])
  expect(expansion.resources.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'CronJob'])
  expect(expansion.resources.find(({ kind }) => kind === 'CronJob')?.spec).toMatchObject({ suspend: true })
})
