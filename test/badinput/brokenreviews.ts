import fc from 'fast-check'
import type { BadReview } from './brokenobjects.ts'
import { changed, toJson } from './json.ts'
import { objects, type SoundObject } from './objects.ts'
import { reviewOf } from './review.ts'
import type { Rule, Want } from './want.ts'

const ODD: unknown[] = [
  null,
  true,
  7,
  'text',
  '',
  [],
  {},
  '__proto__',
  'x'.repeat(100_000),
  '\0',
  [[]],
  { constructor: null },
]
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isMap = (value: unknown) => value !== null && typeof value === 'object' && !Array.isArray(value)
const oddBut = (isRight: (value: unknown) => boolean): unknown[] => ODD.filter((value) => !isRight(value))
const isString = (value: unknown) => typeof value === 'string'

/** A member of a review, values that are wrong there, and what comes of them: a refusal that says so, or a rule. */
type Row = [path: string, odd: unknown[], want: RegExp | Rule]

/** What the request itself says; the path stands in the message, because an AdmissionReview has no fields of users. */
const OF_REQUESTS: Row[] = [
  ['', oddBut(isMap), /^the body must be an AdmissionReview/],
  ['apiVersion', [undefined, ...ODD, 'admission.k8s.io/v1beta1'], /^the body must be an AdmissionReview of/],
  ['kind', [undefined, ...ODD, 'ConversionReview'], /^the body must be an AdmissionReview of/],
  ['request', [undefined, ...oddBut(isMap)], /^request: is required/],
  ['request.uid', [undefined, ...oddBut(isText)], /^request.uid: is required/],
  ['request.kind', [undefined, ...ODD], /^request.kind: is required/],
  ['request.kind.kind', [undefined, ...oddBut(isString)], /^request.kind: is required/],
  ['request.operation', [undefined, ...ODD, 'PATCH', 'create'], /^request.operation: must be one of CREATE, /],
  ['request.namespace', oddBut(isString), /^request.namespace: must be a string/],
  ['request.userInfo', [undefined, ...oddBut(isMap)], /^request.userInfo: is required/],
  ['request.userInfo.username', oddBut(isString), /^request.userInfo.username: must be a string/],
  [
    'request.userInfo.groups',
    [null, true, 7, '', {}, [[]], [7]],
    /^request.userInfo.groups: must be a list of strings/,
  ],
  [
    'request.userInfo.extra',
    [null, 7, 'a', [], { a: 'b' }, { a: [7] }],
    /^request.userInfo.extra: must be a map of lists/,
  ],
  ['request.object', [undefined, ...ODD], /^request.object: must be an object with metadata/],
  ['request.object.metadata', [undefined, ...oddBut(isMap)], /^request.object: must be an object with metadata/],
  ['request.kind.group', ['', 'apps', 'agentjob.io.example.com', '__proto__'], 'notOurs'],
  ['request.kind.kind', ['', 'Pod', 'agentjob', 'constructor', '__proto__', 'x'.repeat(10_000)], 'notOurs'],
  ['request.operation', ['DELETE', 'CONNECT'], 'notOurs'],
  ['request.kind.version', ODD, 'envelope'],
  ['request.uid', ['text', '\0', 'x'.repeat(100_000), '"\r\n\u2028', '__proto__'], 'envelope'],
  ['request.name', ODD, 'envelope'],
  ['request.resource', ODD, 'envelope'],
  ['request.subResource', ODD, 'envelope'],
  ['request.requestKind', ODD, 'envelope'],
  ['request.dryRun', ODD, 'envelope'],
  ['request.options', ODD, 'envelope'],
  ['request.oldObject', ODD, 'envelope'],
  ['request.unknown', ODD, 'envelope'],
  ['request.userInfo.unknown', ODD, 'envelope'],
]

/** What the object says beside its spec. */
const OF_OBJECTS: Row[] = [
  ['apiVersion', [undefined, ...ODD, 'v1', 'agentjob.io/v1beta1', 'agentjob.io'], /^must be agentjob.io\/v1alpha1$/],
  ['kind', [undefined, ...ODD, 'Pod', 'agentjob'], /^must be [A-Z]\w+$/],
  ['metadata.name', [undefined, null, true, 7, '', [], {}], /^is required \(or metadata.generateName\)$/],
  [
    'metadata.name',
    ['Name', 'a b', 'a ', 'a\n', '-a', 'a..b', 'ä', '\0', '../a', '__proto__', '\u202Ea'],
    /^must be of lower/,
  ],
  ['spec', [undefined], /^is required$/],
  ['spec', [null, true, 7, 'text', []], /^must be an object \(.+\), not /],
  ['metadata.labels', [...ODD, { a: 7 }, { 'a b': 'c' }, { a: 'x'.repeat(64) }], 'metadata'],
  ['metadata.annotations', [...ODD, { 'agentjob.io/rerun': 7 }, { 'agentjob.io/stop': [] }], 'metadata'],
  ['metadata.ownerReferences', ODD, 'metadata'],
  ['metadata.finalizers', ODD, 'metadata'],
  ['metadata.namespace', ODD, 'metadata'],
  ['metadata.unknown', ODD, 'metadata'],
  ['status', ODD, 'pruned'],
  ['expansion', ODD, 'pruned'],
  ['unknown', ODD, 'pruned'],
  ['constructor', ODD, 'pruned'],
]

const rows: [prefix: string[], Row][] = [
  ...OF_REQUESTS.map((row): [string[], Row] => [[], row]),
  ...OF_OBJECTS.map((row): [string[], Row] => [['request', 'object'], row]),
]

/** Reviews with one member of the request, or of the object beside its spec, that is not what it should be. */
export const brokenReviews: fc.Arbitrary<BadReview> = fc
  .tuple(objects, fc.constantFrom(...rows), fc.nat())
  .map(([object, [prefix, [path, odd, outcome]], choice]) => {
    const value = odd[choice % odd.length]
    const at = [...prefix, ...path.split('.').filter(Boolean)]
    const review = changed(reviewOf(object), at, value)
    // what an AdmissionReview itself lacks has no field of the user's to name
    const want: Want =
      typeof outcome === 'string' ? { rule: outcome } : { path: prefix.length ? path : '', right: outcome }
    return { what: `${object.kind}, review ${at.join('.')}`, given: value, body: toJson(review), want }
  })

/** Updates whose object before is not what it should be. */
export const brokenUpdates: fc.Arbitrary<BadReview> = fc
  .tuple(objects, fc.constantFrom<unknown>(undefined, ...oddBut(isMap)))
  .map(([object, oldObject]) => ({
    what: `${object.kind}, an update of ${JSON.stringify(oldObject)?.slice(0, 20)}`,
    given: oldObject,
    body: toJson(reviewOf(object as SoundObject, { operation: 'UPDATE', oldObject })),
    want: { path: '', right: /^request.oldObject: must be an object with metadata$/ },
  }))
