import { describe, expect, test } from 'bun:test'
import { merged, refusals, rendered } from './fixtures.ts'
import type { Fields } from './shape.ts'

const NEVER = 'is never allowed; an agent stays in its own namespaces'

const refused: { name: string; given: Fields; want: string[] }[] = [
  {
    name: 'host namespaces',
    given: { hostNetwork: true, hostPID: true, hostIPC: false },
    want: [`hostNetwork: ${NEVER}`, `hostPID: ${NEVER}`, `hostIPC: ${NEVER}`],
  },
  {
    name: 'what has its place elsewhere',
    given: {
      activeDeadlineSeconds: 1,
      automountServiceAccountToken: true,
      priorityClassName: 'x',
      restartPolicy: 'Always',
      serviceAccountName: 'x',
      nodeName: 'x',
    },
    want: [
      'activeDeadlineSeconds: is spec.timeoutSeconds',
      'automountServiceAccountToken: is not for a podTemplate; spec.clusterAccessRef gives the pod rights and a token',
      'priorityClassName: is spec.priorityClassName',
      'restartPolicy: is always Never; spec.backoffLimit tries again',
      "serviceAccountName: is the AgentRuntime's serviceAccountName, or comes with spec.clusterAccessRef",
      'nodeName: is not for a podTemplate, because it bypasses the scheduler; use nodeSelector',
    ],
  },
  {
    name: 'wrong types',
    given: {
      tolerations: {},
      nodeSelector: [],
      dnsPolicy: 1,
      hostUsers: 'no',
      terminationGracePeriodSeconds: 1.5,
      hostAliases: [null],
      containers: null,
    },
    want: [
      'tolerations: must be a list of objects',
      'nodeSelector: must be an object',
      'dnsPolicy: must be a string',
      'hostUsers: must be true or false',
      'terminationGracePeriodSeconds: must be a whole number',
      'hostAliases: must be a list of objects',
      'containers: must be a list of objects',
    ],
  },
]

describe('mergePodSpec', () => {
  for (const { name, given, want } of refused) test(`refuses ${name}`, () => expect(refusals(given)).toEqual(want))

  for (const key of [
    'serviceAccount',
    'os',
    'priority',
    'ephemeralContainers',
    'schedulingGates',
    'newInLaterKubernetes',
    '__proto__',
    'constructor',
  ])
    test(`refuses ${key}, which is not listed`, () => {
      const given = JSON.parse(`{"${key}": {}}`)
      expect(refusals(given)).toEqual([
        expect.stringMatching(new RegExp(`^${key}: cannot be set; allowed here: affinity, containers, `)),
      ])
    })

  test('sets what there is not yet', () => {
    const given = {
      nodeSelector: { a: 'b' },
      hostUsers: false,
      tolerations: [{ operator: 'Exists' }],
      dnsPolicy: 'Default',
    }
    expect(merged(given)).toEqual({ ...rendered().spec, ...given })
  })

  test('adds to lists', () => {
    const base = rendered({ imagePullSecrets: [{ name: 'a' }] })
    expect(merged({ imagePullSecrets: [{ name: 'b' }] }, base).imagePullSecrets).toEqual([{ name: 'a' }, { name: 'b' }])
  })

  test('replaces nothing', () => {
    const base = rendered({ runtimeClassName: 'gvisor' })
    expect(merged({ runtimeClassName: 'gvisor' }, base).runtimeClassName).toBe('gvisor')
    expect(refusals({ runtimeClassName: 'runc' }, base)).toEqual([
      'runtimeClassName: is gvisor already; a podTemplate adds and takes nothing away',
    ])
  })
})
