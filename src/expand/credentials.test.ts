import { expect, test } from 'bun:test'
import { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { renderCredentials } from './credentials.ts'

const secretRef = { name: 'deploy' }
const cases: { name: string; credential: object; want: object }[] = [
  {
    name: 'a whole Secret as variables',
    credential: { secretRef },
    want: { envFrom: [{ secretRef: { name: 'deploy' } }] },
  },
  {
    name: 'one key as a variable',
    credential: { secretRef: { name: 'deploy', key: 'token' }, env: 'TOKEN' },
    want: { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'deploy', key: 'token' } } }] },
  },
  {
    name: 'one key as a file',
    credential: { secretRef: { name: 'deploy', key: 'id_ed25519' }, mountPath: '/home/agent/.ssh/id_ed25519' },
    want: {
      volumes: [
        {
          name: 'credential-c',
          secret: { secretName: 'deploy', defaultMode: 0o600, items: [{ key: 'id_ed25519', path: 'id_ed25519' }] },
        },
      ],
      mounts: [
        { name: 'credential-c', mountPath: '/home/agent/.ssh/id_ed25519', subPath: 'id_ed25519', readOnly: true },
      ],
    },
  },
  {
    name: 'a whole Secret as a folder',
    credential: { secretRef, mountPath: '/etc/deploy/', fileMode: 0o440 },
    want: {
      volumes: [{ name: 'credential-c', secret: { secretName: 'deploy', defaultMode: 0o440 } }],
      mounts: [{ name: 'credential-c', mountPath: '/etc/deploy', readOnly: true }],
    },
  },
]

for (const { name, credential, want } of cases)
  test(`renderCredentials: ${name}`, () => {
    const runtime = AgentRuntimeSpec.parse({ image: 'x', credentials: [{ name: 'c', ...credential }] })
    expect(renderCredentials(runtime)).toEqual({ env: [], envFrom: [], volumes: [], mounts: [], ...want })
  })

const refused: { name: string; credential: object; want: string[] }[] = [
  {
    name: 'a variable of a whole Secret',
    credential: { secretRef, env: 'A' },
    want: [
      'must say where the values go: the whole Secret (no key), one key in env, or one key as a file at mountPath',
    ],
  },
  {
    name: 'a key for nowhere',
    credential: { secretRef: { name: 'deploy', key: 'k' } },
    want: [
      'must say where the values go: the whole Secret (no key), one key in env, or one key as a file at mountPath',
    ],
  },
  {
    name: 'a key for two places, and a mode of a variable',
    credential: { secretRef: { name: 'deploy', key: 'k' }, env: 'A', mountPath: '/a' },
    want: [
      'must say where the values go: the whole Secret (no key), one key in env, or one key as a file at mountPath',
    ],
  },
  {
    name: 'a mode without a file',
    credential: { secretRef: { name: 'deploy', key: 'k' }, env: 'A', fileMode: 0o600 },
    want: ['fileMode goes with mountPath'],
  },
]

for (const { name, credential, want } of refused)
  test(`AgentRuntime refuses ${name}`, () => {
    const result = AgentRuntimeSpec.safeParse({ image: 'x', credentials: [{ name: 'c', ...credential }] })
    expect(result.error?.issues.map(({ message }) => message)).toEqual(want)
  })
