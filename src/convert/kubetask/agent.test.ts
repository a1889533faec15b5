import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../api/isfields.ts'
import { lastOf, ofKubeTask, ofOpenCode, specOf, told } from '../fixtures.ts'

const credential = (given: Fields) => ({ name: 'c', secretRef: { name: 's', key: 'k' }, ...given })

const credentials: { name: string; given: Fields[]; want?: Fields[]; said?: string[] }[] = [
  { name: 'a variable', given: [credential({ env: 'A' })], want: [credential({ env: 'A' })] },
  {
    name: 'a file',
    given: [credential({ mountPath: '/k', fileMode: 0o400 })],
    want: [credential({ mountPath: '/k', fileMode: 0o400 })],
  },
  {
    name: 'a variable and a file',
    given: [credential({ env: 'A', mountPath: '/k', fileMode: 0o440 })],
    want: [credential({ env: 'A' }), credential({ name: 'c-file', mountPath: '/k', fileMode: 0o440 })],
    said: ['note: spec.credentials[0]'],
  },
  {
    name: 'a whole Secret',
    given: [
      { name: 'a', secretRef: { name: 's' } },
      { name: 'b', secretRef: { name: 's' }, mountPath: '/s' },
    ],
    want: [
      { name: 'a', secretRef: { name: 's' } },
      { name: 'b', secretRef: { name: 's' }, mountPath: '/s' },
    ],
  },
  {
    name: 'a whole Secret in one variable, and a mode for it',
    given: [{ name: 'a', secretRef: { name: 's' }, env: 'A', fileMode: 0o400 }],
    want: [{ name: 'a', secretRef: { name: 's' } }],
    said: ['dropped: spec.credentials[0].env', 'dropped: spec.credentials[0].fileMode'],
  },
  { name: 'a key that goes nowhere', given: [credential({})], said: ['dropped: spec.credentials[0]'] },
  {
    name: 'names as people write them',
    given: [
      credential({ name: 'API Key', env: 'A' }),
      credential({ name: 'api_key', env: 'B' }),
      credential({ name: '!', env: 'C' }),
    ],
    want: [
      credential({ name: 'api-key', env: 'A' }),
      credential({ name: 'api-key-2', env: 'B' }),
      credential({ name: 'credential', env: 'C' }),
    ],
    said: ['note: spec.credentials[0].name', 'note: spec.credentials[1].name', 'note: spec.credentials[2].name'],
  },
  {
    name: 'modes as people write them',
    given: [credential({ mountPath: '/k', fileMode: '0o400' })],
    want: [credential({ mountPath: '/k', fileMode: 0o400 })],
  },
]

describe('credentials of an Agent', () => {
  for (const { name, given, want, said = [] } of credentials)
    test(name, () => {
      const conversion = lastOf(ofKubeTask('Agent', { agentImage: 'a', credentials: given }))
      expect((specOf(conversion) as Fields).credentials).toEqual(want)
      expect(told(conversion, 'note', 'dropped').filter((word) => word.includes('credentials'))).toEqual(said)
    })

  test('a mode in decimal is an error', () => {
    const conversion = lastOf(ofKubeTask('Agent', { credentials: [credential({ mountPath: '/k', fileMode: 644 })] }))
    expect(told(conversion, 'error')).toEqual(['error: spec.credentials[0].fileMode'])
  })
})

const COMMAND = ['sh', '-c', '/tools/opencode run "$(cat ${WORKSPACE_DIR}/task.md)"']
const PERMISSION = { name: 'OPENCODE_PERMISSION', value: '{"*":"allow"}' }

const images: { name: string; given: Fields; want: Fields; said?: string[] }[] = [
  {
    name: "KubeTask's own",
    given: ofKubeTask('Agent', {}),
    want: { image: 'quay.io/kubetask/kubetask-agent-gemini:latest' },
  },
  {
    name: 'one',
    given: ofKubeTask('Agent', { agentImage: 'a', command: ['b'] }),
    want: { image: 'a', command: ['b'] },
  },
  {
    name: "KubeOpenCode's own",
    given: ofOpenCode('Agent', {}),
    want: { image: 'quay.io/kubeopencode/kubeopencode-agent-devbox:latest', command: COMMAND, env: [PERMISSION] },
  },
  {
    name: 'two, of which one runs',
    given: ofOpenCode('Agent', { agentImage: 'a', executorImage: 'b', command: ['c'] }),
    want: { image: 'b', command: ['c'], env: [PERMISSION] },
    said: ['dropped: spec.agentImage'],
  },
  {
    name: "one of KubeOpenCode's",
    given: ofOpenCode('Agent', { agentImage: 'a', podSpec: { extraEnv: [{ ...PERMISSION, value: 'x' }] } }),
    want: { image: 'a', command: COMMAND, env: [{ ...PERMISSION, value: 'x' }] },
  },
]

describe('what runs', () => {
  for (const { name, given, want, said = [] } of images)
    test(name, () => {
      const conversion = lastOf(given)
      const { dialect: _, ...spec } = specOf(conversion) as Fields
      expect(spec).toEqual({ imagePullPolicy: 'IfNotPresent', ...want })
      expect(told(conversion, 'dropped').filter((word) => word !== 'dropped: spec')).toEqual(said)
    })
})

test('everything about the pod', () => {
  const podSpec = {
    labels: { team: 'a', 'app.kubernetes.io/name': 'b' },
    runtimeClassName: 'gvisor',
    resources: { limits: { cpu: '1' } },
    scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }], affinity: { nodeAffinity: {} } },
  }
  const given = {
    agentImage: 'a',
    workspaceDir: '/w',
    serviceAccountName: 's',
    imagePullSecrets: [{ name: 'p' }],
    podSpec,
  }
  const conversion = lastOf(ofKubeTask('Agent', { ...given, maxConcurrentTasks: 0 }))
  expect(specOf(conversion)).toMatchObject({
    image: 'a',
    workspaceDir: '/w',
    serviceAccountName: 's',
    imagePullSecrets: [{ name: 'p' }],
    podLabels: { team: 'a' },
    runtimeClassName: 'gvisor',
    resources: { limits: { cpu: '1' } },
    scheduling: podSpec.scheduling,
  })
  expect(told(conversion, 'dropped')).toContain('dropped: spec.podSpec.labels["app.kubernetes.io/name"]')
})

test('the configuration of OpenCode becomes a file', () => {
  const spec = (config: unknown) => specOf(lastOf(ofOpenCode('Agent', { command: ['a'], config }))) as Fields
  const file = (content: string) => [{ type: 'Inline', inline: { content }, mountPath: '/tools/opencode.json' }]
  expect(spec('{}').contexts).toEqual(file('{}'))
  expect(spec({ model: 'x' }).contexts).toEqual(file('{\n  "model": "x"\n}'))
  expect(spec('{}').env).toEqual([{ name: 'OPENCODE_CONFIG', value: '/tools/opencode.json' }, PERMISSION])
})

test('an AgentTemplate is an Agent, too', () => {
  expect(lastOf(ofOpenCode('AgentTemplate', { executorImage: 'a' })).objects[0]).toMatchObject({
    kind: 'AgentRuntime',
    spec: { image: 'a' },
  })
})
