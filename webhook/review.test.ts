import { expect, test } from 'bun:test'
import { answer, type Decision, parseReview } from './review.ts'

const request = {
  uid: 'u',
  kind: { group: 'agentjob.io', version: 'v1alpha1', kind: 'AgentJob' },
  operation: 'CREATE',
  namespace: 'agents',
  userInfo: { username: 'alice' },
  object: { metadata: { name: 'one' } },
}
const review = (members: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { ...request, ...members },
})

const bodies: { name: string; given: unknown; want: string | object }[] = [
  { name: 'a review', given: review(), want: request },
  {
    name: 'a review of something cluster-scoped',
    given: review({ namespace: undefined }),
    want: { ...request, namespace: undefined },
  },
  { name: 'nothing', given: undefined, want: 'the body must be an AdmissionReview' },
  { name: 'null', given: null, want: 'the body must be an AdmissionReview' },
  { name: 'a string', given: 'AdmissionReview', want: 'the body must be an AdmissionReview' },
  { name: 'a list', given: [review()], want: 'the body must be an AdmissionReview' },
  {
    name: 'another version',
    given: { ...review(), apiVersion: 'admission.k8s.io/v1beta1' },
    want: 'the body must be an AdmissionReview of admission.k8s.io/v1',
  },
  {
    name: 'another kind',
    given: { ...review(), kind: 'ConversionReview' },
    want: 'the body must be an AdmissionReview of admission.k8s.io/v1',
  },
  { name: 'no request', given: { ...review(), request: undefined }, want: 'request: is required' },
  { name: 'a list for a request', given: { ...review(), request: [request] }, want: 'request: is required' },
  { name: 'a request of null', given: { ...review(), request: null }, want: 'request: is required' },
  { name: 'no uid', given: review({ uid: undefined }), want: 'request.uid: is required' },
  { name: 'an empty uid', given: review({ uid: '' }), want: 'request.uid: is required' },
  { name: 'a number for a uid', given: review({ uid: 1 }), want: 'request.uid: is required' },
  { name: 'no kind', given: review({ kind: undefined }), want: 'request.kind: is required' },
  { name: 'a kind in one word', given: review({ kind: 'AgentJob' }), want: 'request.kind: is required' },
  { name: 'a kind without group', given: review({ kind: { kind: 'AgentJob' } }), want: 'request.kind: is required' },
  {
    name: 'an operation that there is not',
    given: review({ operation: 'PATCH' }),
    want: 'request.operation: must be one of CREATE, UPDATE, DELETE, CONNECT',
  },
  { name: 'a list of namespaces', given: review({ namespace: ['a'] }), want: 'request.namespace: must be a string' },
  {
    name: 'an object that is null',
    given: review({ object: null }),
    want: 'request.object: must be an object with metadata',
  },
  {
    name: 'an object without metadata',
    given: review({ object: { spec: {} } }),
    want: 'request.object: must be an object with metadata',
  },
  {
    name: 'an object with a list of metadata',
    given: review({ object: { metadata: [] } }),
    want: 'request.object: must be an object with metadata',
  },
  {
    name: 'an update of nothing',
    given: review({ operation: 'UPDATE' }),
    want: 'request.oldObject: must be an object with metadata',
  },
  {
    name: 'a deletion, which brings the old object only',
    given: review({ operation: 'DELETE', object: null, oldObject: request.object }),
    want: { operation: 'DELETE' },
  },
  { name: 'nobody', given: review({ userInfo: null }), want: 'request.userInfo: is required' },
  {
    name: 'a number for a user',
    given: review({ userInfo: { username: 1 } }),
    want: 'request.userInfo.username: must be a string',
  },
  {
    name: 'a word for groups',
    given: review({ userInfo: { groups: 'admins' } }),
    want: 'request.userInfo.groups: must be a list of strings',
  },
  {
    name: 'a list for extra',
    given: review({ userInfo: { extra: [] } }),
    want: 'request.userInfo.extra: must be a map of lists of strings',
  },
  {
    name: 'a word in extra',
    given: review({ userInfo: { extra: { a: 'b' } } }),
    want: 'request.userInfo.extra: must be a map of lists of strings',
  },
  { name: 'no userInfo', given: review({ userInfo: undefined }), want: 'request.userInfo: is required' },
]

for (const { name, given, want } of bodies)
  test(`a body: ${name}`, () => {
    const parsed = parseReview(given)
    if (typeof want === 'string') expect(parsed).toBe(want)
    else expect(parsed).toMatchObject(want)
  })

const finding = { path: 'spec.prompt', message: 'is required' }
const patch = [{ op: 'add' as const, path: '/expansion', value: { é: 1 } }]
const refusal = (code: number, reason: string) => ({
  code,
  reason,
  message: 'spec.prompt: is required',
  details: { causes: [{ field: 'spec.prompt', message: 'is required', reason: 'FieldValueInvalid' }] },
})

const answers: { name: string; given: Decision; want: object }[] = [
  { name: 'a plain yes', given: { allowed: true }, want: { uid: 'u', allowed: true } },
  {
    name: 'a yes with nothing to change and nothing to say',
    given: { allowed: true, patch: [], warnings: [] },
    want: { uid: 'u', allowed: true },
  },
  {
    name: 'a patch',
    given: { allowed: true, patch },
    want: {
      uid: 'u',
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    },
  },
  {
    name: 'a refusal with a warning',
    given: { allowed: false, code: 422, errors: [finding], warnings: [{ path: 'spec.env', message: 'has no effect' }] },
    want: { uid: 'u', allowed: false, warnings: ['spec.env: has no effect'], status: refusal(422, 'Invalid') },
  },
  ...(
    [
      [400, 'BadRequest'],
      [403, 'Forbidden'],
      [413, 'RequestEntityTooLarge'],
      [500, 'InternalError'],
    ] as const
  ).map(([code, reason]) => ({
    name: `a refusal of code ${code}`,
    given: { allowed: false as const, code, errors: [finding] },
    want: { uid: 'u', allowed: false, status: refusal(code, reason) },
  })),
  {
    name: 'every error at once',
    given: { allowed: false, code: 422, errors: [finding, { path: '', message: 'is no good' }] },
    want: {
      uid: 'u',
      allowed: false,
      status: {
        code: 422,
        reason: 'Invalid',
        message: 'spec.prompt: is required; is no good',
        details: {
          causes: [
            { field: 'spec.prompt', message: 'is required', reason: 'FieldValueInvalid' },
            { field: '', message: 'is no good', reason: 'FieldValueInvalid' },
          ],
        },
      },
    },
  },
  {
    name: 'a warning that the API server would drop, for its control characters',
    given: { allowed: true, warnings: [{ path: '', message: 'a\n\tb\u0000c\u007fd\u0085e\u009ff é ☃ 😀' }] },
    want: { uid: 'u', allowed: true, warnings: ['a b c d e f é ☃ 😀'] },
  },
]

for (const { name, given, want } of answers)
  test(`an answer: ${name}`, () =>
    expect(answer('u', given)).toStrictEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: want,
    }))

test('an answer stays small, however much is wrong', () => {
  const errors = Array.from({ length: 5000 }, () => ({ path: 'x'.repeat(2000), message: 'y'.repeat(2000) }))
  const { response } = answer('u', { allowed: false, code: 422, errors, warnings: errors }) as {
    response: { warnings: string[]; status: { message: string; details: { causes: unknown[] } } }
  }
  expect(JSON.stringify(response).length).toBeLessThan(1_000_000)
  expect(response.status.details.causes).toHaveLength(101)
  expect(response.status.message).toEndWith('; and 4900 more')
  expect(response.warnings.at(-1)).toBe('and 4900 more')
})
