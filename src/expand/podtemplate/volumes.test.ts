import { describe, expect, test } from 'bun:test'
import { merged, refusals } from './fixtures.ts'
import type { Fields } from './shape.ts'

const TYPES = 'configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret'
const SOURCES =
  'cannot be set; allowed here: clusterTrustBundle, configMap, downwardAPI, secret (spec.clusterAccessRef gives the pod an API token)'

const refused: { name: string; given: Fields[]; want: string[] }[] = [
  {
    name: 'a type that reaches the node',
    given: [{ name: 'a', hostPath: { path: '/' } }],
    want: [`[0].hostPath: cannot be set; allowed here: ${TYPES}`],
  },
  {
    name: 'a type beside another',
    given: [{ name: 'a', emptyDir: {}, nfs: {} }],
    want: [`[0].nfs: cannot be set; allowed here: ${TYPES}`],
  },
  {
    name: 'a type that every object has',
    given: [{ name: 'a', constructor: {} }],
    want: [`[0].constructor: cannot be set; allowed here: ${TYPES}`],
  },
  {
    name: 'two types',
    given: [{ name: 'a', emptyDir: {}, secret: {} }],
    want: [`[0]: must have exactly one of ${TYPES}`],
  },
  { name: 'no type', given: [{ name: 'a' }], want: [`[0]: must have exactly one of ${TYPES}`] },
  { name: 'null', given: [{ name: 'a', emptyDir: null }], want: ['[0].emptyDir: must be an object'] },
  {
    name: 'no name',
    given: [{ emptyDir: {} }],
    want: ['[0].name: must be a name of at most 63 lower case letters, digits and "-"'],
  },
  {
    name: 'names that are taken',
    given: [
      { name: 'tmp', emptyDir: {} },
      { name: 'a', emptyDir: {} },
      { name: 'a', emptyDir: {} },
    ],
    want: ['[0].name: is taken; there is a volume tmp already', '[2].name: is taken; there is a volume a already'],
  },
  {
    name: 'an API token',
    given: [{ name: 'a', projected: { sources: [{ secret: {} }, { serviceAccountToken: {} }] } }],
    want: [`[0].projected.sources[1].serviceAccountToken: ${SOURCES}`],
  },
  {
    name: 'an API certificate',
    given: [{ name: 'a', projected: { sources: [{ podCertificate: {} }] } }],
    want: [`[0].projected.sources[0].podCertificate: ${SOURCES}`],
  },
  {
    name: 'sources that are no list',
    given: [{ name: 'a', projected: { sources: { 0: {} } } }],
    want: ['[0].projected.sources: must be a list of objects'],
  },
  {
    name: 'no sources',
    given: [{ name: 'a', projected: {} }],
    want: ['[0].projected.sources: must be a list of objects'],
  },
]

describe('mergeVolumes', () => {
  for (const { name, given, want } of refused)
    test(`refuses ${name}`, () => expect(refusals({ volumes: given })).toEqual(want.map((text) => `volumes${text}`)))

  test('adds volumes of every type that Pod Security "restricted" knows', () => {
    const given = TYPES.split(', ').map((type, index) => ({
      name: `v${index}`,
      [type]: type === 'projected' ? { sources: [] } : {},
    }))
    expect(merged({ volumes: given }).volumes).toEqual([{ name: 'tmp', emptyDir: {} }, ...given])
  })
})
