import { expect, test } from 'bun:test'
import { ApiError, TransportError } from '../kube/errors.ts'
import { refusalOf } from './refusal.ts'

const refused = (status: number, message: string, reason = '') => new ApiError(status, { message, reason })
const says = (message: string) => `the API server refuses Job a-r1: ${message}`

const cases: { name: string; given: unknown; want: object | undefined }[] = [
  {
    name: 'a quota',
    given: refused(403, 'jobs.batch "a-r1" is forbidden: exceeded quota: team, requested: count/jobs=1'),
    want: {
      reason: 'QuotaExceeded',
      message: says('jobs.batch "a-r1" is forbidden: exceeded quota: team, requested: count/jobs=1'),
    },
  },
  {
    name: 'admission',
    given: refused(403, 'admission webhook "policy" denied the request'),
    want: { reason: 'Refused', message: says('admission webhook "policy" denied the request') },
  },
  {
    name: 'a namespace that is gone',
    given: refused(404, 'namespaces "agents" not found'),
    want: { reason: 'NamespaceGone', message: says('namespaces "agents" not found') },
  },
  {
    name: 'an object that is not valid',
    given: refused(422, 'Job.batch "a-r1" is invalid: spec.template: Invalid value'),
    want: {
      reason: 'Refused',
      message: says('Job.batch "a-r1" is invalid: spec.template: Invalid value'),
      final: true,
    },
  },
  {
    name: 'an object that is too large',
    given: refused(413, 'too large'),
    want: { reason: 'Refused', message: says('too large') },
  },
  { name: 'a conflict', given: refused(409, 'the object has been modified', 'Conflict'), want: undefined },
  { name: 'overload', given: refused(429, 'too many requests'), want: undefined },
  { name: 'a failure of the server', given: refused(500, 'etcdserver: leader changed'), want: undefined },
  { name: 'a server that is away', given: refused(503, 'service unavailable'), want: undefined },
  { name: 'no connection', given: new TransportError('connection refused', { code: 'ECONNREFUSED' }), want: undefined },
  { name: 'a bug of ours', given: new TypeError('undefined is not a function'), want: undefined },
]

for (const { name, given, want } of cases)
  test(`a refusal: ${name}`, () => expect(refusalOf(given, 'Job a-r1')).toEqual(want as never))
