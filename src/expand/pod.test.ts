import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'
import { renderPod } from './pod.ts'

function render(spec: object, objects: Objects = {}) {
  const resolved = resolvedFor(spec, objects)
  return renderPod(agentJob(spec), resolved.runtime?.spec as AgentRuntimeSpec, resolved, 'confighash')
}
const podOf = (spec: object, objects?: Objects) => render(spec, objects).template.spec
const agentOf = (spec: object, objects?: Objects) => podOf(spec, objects).containers[0] as Record<string, unknown>
const runtime = (spec: object): Objects => ({ 'AgentRuntime/echo': { image: 'echo', ...spec } })
const ACCESS: Objects = { 'ClusterAccess/c': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] } }

describe('renderPod', () => {
  test('hands the configuration over in an annotation, mounted as a file that no later edit reaches', () => {
    const { template, config } = render({})
    expect(config).toBeUndefined()
    expect(template.metadata.annotations).toEqual({
      'agentjob.io/config-hash': 'confighash',
      'agentjob.io/agent.json': '{"mcpServers":[],"prompt":"Say hello.","repositories":[]}',
    })
    expect(template.spec.volumes[0]).toEqual({
      name: 'agent-config',
      downwardAPI: {
        items: [{ path: 'agent.json', fieldRef: { fieldPath: "metadata.annotations['agentjob.io/agent.json']" } }],
      },
    })
    expect((agentOf({}).volumeMounts as object[])[0]).toEqual({
      name: 'agent-config',
      mountPath: '/etc/agentjob/agent.json',
      subPath: 'agent.json',
      readOnly: true,
    })
  })

  test('hands it over in a ConfigMap where it is larger than 32 KiB, in bytes', () => {
    const { template, config } = render({ prompt: 'ä'.repeat(17_000) })
    expect(template.metadata.annotations).toEqual({ 'agentjob.io/config-hash': 'confighash' })
    expect(config).toMatchObject({ kind: 'ConfigMap', immutable: true, metadata: { namespace: 'agents' } })
    expect(template.spec.volumes[0]).toEqual({ name: 'agent-config', configMap: { name: config?.metadata.name } })
    const other = render({ prompt: 'ö'.repeat(17_000) }).config
    expect(other?.metadata.name).not.toBe(config?.metadata.name as string)
  })

  const tokens: { name: string; spec: object; objects?: Objects; account?: string; token: boolean }[] = [
    { name: 'no account of its own', spec: {}, token: false },
    {
      name: "the AgentRuntime's account",
      spec: {},
      objects: runtime({ serviceAccountName: 'cloud' }),
      account: 'cloud',
      token: false,
    },
    {
      name: "the ClusterAccess's account",
      spec: { clusterAccessRef: 'c' },
      objects: { ...ACCESS, ...runtime({ serviceAccountName: 'cloud' }) },
      account: 'hello-runner',
      token: true,
    },
  ]
  for (const { name, spec, objects, account, token } of tokens)
    test(`${name}: ${token ? 'an' : 'no'} API token`, () => {
      const pod = podOf(spec, objects)
      expect(pod.serviceAccountName).toBe(account as never)
      expect(pod.automountServiceAccountToken).toBe(token)
    })

  const paths: { name: string; runtime: object; want: string[] }[] = [
    {
      name: 'the defaults',
      runtime: {},
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent', '/var/lib/agentjob'],
    },
    {
      name: 'others',
      runtime: { configPath: '/a/', persistPath: '/b/' },
      want: ['/a/agent.json', '/tmp', '/home/agent', '/b'],
    },
    {
      name: 'the home',
      runtime: { persistPath: '/home/agent' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent'],
    },
    {
      name: 'the home, with a slash',
      runtime: { persistPath: '/home/agent/' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent'],
    },
    { name: '/tmp', runtime: { persistPath: '/tmp' }, want: ['/etc/agentjob/agent.json', '/home/agent', '/tmp'] },
  ]
  for (const { name, runtime: given, want } of paths)
    test(`mounts the volume at ${name}, each place once`, () => {
      const mounts = agentOf({ persist: true }, runtime(given)).volumeMounts as { name: string; mountPath: string }[]
      expect(mounts.map(({ mountPath }) => mountPath)).toEqual(want)
      expect(mounts.at(-1)?.name).toBe('data')
    })

  test('leaves out what nobody set', () => {
    expect(Object.keys(agentOf({}))).toEqual([
      'name',
      'image',
      'env',
      'securityContext',
      'terminationMessagePolicy',
      'volumeMounts',
    ])
  })

  test("takes the AgentJob's resources, else the AgentRuntime's", () => {
    const resources = { limits: { cpu: 1 } }
    expect(agentOf({}, runtime({ resources })).resources).toEqual(resources)
    expect(agentOf({ resources: { limits: { memory: '1Gi' } } }, runtime({ resources })).resources).toEqual({
      limits: { memory: '1Gi' },
    })
  })
})
