import { expect, test } from 'bun:test'
import { kinds } from '../api/kinds.ts'
import { webhookConfiguration } from './webhookconfiguration.ts'

const service = { service: { namespace: 'agentjob', name: 'agentjob' } }
const [webhook, ...more] = webhookConfiguration(service).webhooks

test('it asks for our own kinds and nobody else’s, written and changed, without their status', () => {
  expect(more).toEqual([])
  expect(webhook?.rules).toEqual([
    {
      apiGroups: ['agentjob.io'],
      apiVersions: ['v1alpha1'],
      operations: ['CREATE', 'UPDATE'],
      resources: kinds.map(({ plural }) => plural),
      scope: 'Namespaced',
    },
  ])
})

test('it follows the good practices for admission webhooks', () =>
  expect(webhook).toMatchObject({
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
    reinvocationPolicy: 'IfNeeded',
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
    matchConditions: [{ name: 'not-being-deleted', expression: expect.stringContaining('deletionTimestamp') }],
  }))

const url = { url: 'https://10.0.0.1:8443/mutate' }
for (const { name, given, want } of [
  {
    name: 'a Service, at the path of the webhook',
    given: webhookConfiguration(service),
    want: { service: { namespace: 'agentjob', name: 'agentjob', path: '/mutate' } },
  },
  {
    name: 'a Service at another port',
    given: webhookConfiguration({ service: { ...service.service, port: 8443 } }),
    want: { service: { namespace: 'agentjob', name: 'agentjob', port: 8443, path: '/mutate' } },
  },
  { name: 'a URL as it is', given: webhookConfiguration(url), want: url },
  {
    name: 'a certificate authority, where one is given',
    given: webhookConfiguration(url, { caBundle: 'Y2E=' }),
    want: { ...url, caBundle: 'Y2E=' },
  },
])
  test(`it is reached by ${name}`, () => expect(given.webhooks[0]?.clientConfig).toStrictEqual(want as never))
