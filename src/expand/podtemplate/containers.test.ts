import { describe, expect, test } from 'bun:test'
import { containerSecurityContext } from '../hardening.ts'
import { merged, refusals, rendered } from './fixtures.ts'
import type { Fields } from './shape.ts'

const sidecar = { name: 'sidecar', image: 'x' }
const KUBELET = 'cannot be set, because the kubelet calls it from the network of the node'

const refused: { name: string; given: Fields; want: string[] }[] = [
  {
    name: "what the agent's container has elsewhere",
    given: { containers: [{ name: 'agent', image: 'x', env: [], args: [], resources: {} }] },
    want: [
      "containers[0].image: is the AgentRuntime's image",
      'containers[0].env: is spec.env',
      'containers[0].args: are the args of the AgentRuntime',
      'containers[0].resources: is spec.resources',
    ],
  },
  {
    name: 'fields that are not listed',
    given: {
      containers: [
        { name: 'agent', ports: [] },
        { ...sidecar, newInLaterKubernetes: 1 },
      ],
    },
    want: [
      expect.stringMatching(/^containers\[0\]\.ports: cannot be set; allowed here: /),
      expect.stringMatching(/^containers\[1\]\.newInLaterKubernetes: cannot be set; allowed here: /),
    ] as never,
  },
  {
    name: 'bad names',
    given: {
      containers: [{ image: 'x' }, { name: 'A', image: 'x' }, { name: 5, image: 'x' }, { name: 'x'.repeat(64) }],
    },
    want: [0, 1, 2, 3].map(
      (index) => `containers[${index}].name: must be a name of at most 63 lower case letters, digits and "-"`,
    ),
  },
  {
    name: 'names that are taken',
    given: { initContainers: [{ name: 'agent', image: 'x' }, sidecar], containers: [sidecar] },
    want: [
      'initContainers[0].name: is taken; there is a container agent already',
      'containers[0].name: is taken; there is a container sidecar already',
    ],
  },
  {
    name: 'a container without an image',
    given: { containers: [{ name: 'a' }] },
    want: ['containers[0].image: is required'],
  },
  {
    name: 'wrong types',
    given: { containers: [{ ...sidecar, command: 'sh', securityContext: null, volumeMounts: {}, ports: [1] }] },
    want: [
      'containers[0].command: must be a list of strings',
      'containers[0].securityContext: must be an object',
      'containers[0].volumeMounts: must be a list of objects',
      'containers[0].ports: must be a list of objects',
    ],
  },
  {
    name: 'host ports',
    given: { initContainers: [{ ...sidecar, ports: [{ containerPort: 80 }, { hostPort: 80 }] }] },
    want: ['initContainers[0].ports[1].hostPort: is never allowed; an agent stays in its own network'],
  },
  {
    name: 'hosts of probes and hooks',
    given: {
      containers: [
        {
          name: 'agent',
          livenessProbe: { httpGet: { host: 'a' } },
          lifecycle: { postStart: { tcpSocket: { host: 'b' } } },
        },
        {
          ...sidecar,
          readinessProbe: { tcpSocket: { host: 'c' } },
          lifecycle: { preStop: { httpGet: { host: 'd' } } },
        },
      ],
    },
    want: [
      `containers[0].livenessProbe.httpGet.host: ${KUBELET}`,
      `containers[0].lifecycle.postStart.tcpSocket.host: ${KUBELET}`,
      `containers[1].readinessProbe.tcpSocket.host: ${KUBELET}`,
      `containers[1].lifecycle.preStop.httpGet.host: ${KUBELET}`,
    ],
  },
  {
    name: 'mounts in a place that is taken, and of nothing',
    given: {
      containers: [
        {
          name: 'agent',
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'none', mountPath: '/a' },
          ],
        },
        {
          ...sidecar,
          volumeMounts: [{ name: 'tmp', mountPath: '/a' }, { name: 'tmp', mountPath: '/a' }, { name: 'tmp' }],
        },
      ],
    },
    want: [
      'containers[0].volumeMounts[0].mountPath: is taken; a volume is mounted there already',
      'containers[0].volumeMounts[1].name: must be a volume of the pod, such as tmp',
      'containers[1].volumeMounts[1].mountPath: is taken; a volume is mounted there already',
      'containers[1].volumeMounts[2].mountPath: must be a string',
    ],
  },
  {
    name: 'what is weaker',
    given: { initContainers: [{ ...sidecar, securityContext: { runAsUser: 0 } }] },
    want: [
      'initContainers[0].securityContext.runAsUser: must be the number of a user other than 0; an agent never runs as root',
    ],
  },
]

describe('mergeContainers', () => {
  for (const { name, given, want } of refused) test(`refuses ${name}`, () => expect(refusals(given)).toEqual(want))

  test("adds to the agent's container", () => {
    const [agent] = merged({
      volumes: [{ name: 'cache', emptyDir: {} }],
      containers: [
        {
          name: 'agent',
          workingDir: '/cache',
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
          securityContext: { runAsUser: 1000 },
        },
      ],
    }).containers
    expect(agent).toEqual({
      name: 'agent',
      workingDir: '/cache',
      volumeMounts: [
        { name: 'tmp', mountPath: '/tmp' },
        { name: 'cache', mountPath: '/cache' },
      ],
      securityContext: { ...containerSecurityContext(), runAsUser: 1000 },
    })
  })

  test('adds other containers, hardened like it', () => {
    const init = { ...sidecar, name: 'init', restartPolicy: 'Always' }
    const { containers, initContainers } = merged({ containers: [sidecar], initContainers: [init] })
    const securityContext = containerSecurityContext()
    expect(containers).toEqual([...rendered().spec.containers, { ...sidecar, securityContext }])
    expect(initContainers).toEqual([{ ...init, securityContext }])
  })
})
