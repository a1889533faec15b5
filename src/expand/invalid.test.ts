import { describe, expect, test } from 'bun:test'
import { expand, RENDERER } from './expand.ts'
import { inputFor } from './fixtures.ts'
import { expandInvalid } from './invalid.ts'
import { specHash } from './revision.ts'

const ERRORS = [{ path: 'spec.prompt', message: 'must not be empty' }]
const SPEC = { prompt: '', runtimeRef: 'echo' }
const ACCESS = { 'ClusterAccess/reader': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] } }

describe('expandInvalid', () => {
  test('has no children where there was nothing', () => {
    expect(expandInvalid(SPEC, ERRORS, undefined, {})).toMatchObject({
      revision: expect.stringMatching(/^[0-9a-f]{8}$/),
      specHash: specHash(SPEC),
      renderer: RENDERER,
      problems: [{ reason: 'Invalid', ...ERRORS[0] }],
      resources: [],
    })
  })

  test('keeps what stands, paused and without rights', () => {
    const spec = { schedule: '@daily', persist: true, clusterAccessRef: 'reader' }
    const previous = expand(inputFor(spec, ACCESS)).expansion
    const { resources, revision } = expandInvalid(SPEC, ERRORS, previous, {})
    expect(revision).toBe(previous.revision)
    expect(resources.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'ServiceAccount', 'CronJob'])
    expect(resources.at(-1)?.spec).toMatchObject({ suspend: true })
  })

  test('is a fixed point', () => {
    const once = expandInvalid(SPEC, ERRORS, expand(inputFor({ schedule: '@daily' })).expansion, {})
    expect(expandInvalid(SPEC, ERRORS, once, {})).toEqual(once)
  })

  for (const shape of [undefined, null, 'x', [], { env: 5 }])
    test(`takes a spec that is ${JSON.stringify(shape)}`, () =>
      expect(expandInvalid(shape, ERRORS, undefined, {}).resources).toEqual([]))
})
