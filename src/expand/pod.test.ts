import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { formatFinding } from '../api/finding.ts'
import { agentJob, type Objects, resolvedFor, SETTINGS } from './fixtures.ts'
import { renderPod } from './pod.ts'

function render(spec: object, objects: Objects = {}) {
  const resolved = resolvedFor(spec, objects)
  return renderPod(agentJob(spec), resolved.runtime?.spec as AgentRuntimeSpec, resolved, 'confighash', SETTINGS)
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
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent', '/workspace', '/var/lib/agentjob'],
    },
    {
      name: 'others',
      runtime: { configPath: '/a/', persistPath: '/b/', workspaceDir: '/c/' },
      want: ['/a/agent.json', '/tmp', '/home/agent', '/c', '/b'],
    },
    {
      name: 'the home',
      runtime: { persistPath: '/home/agent' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent', '/workspace'],
    },
    {
      name: 'the home, with a slash',
      runtime: { persistPath: '/home/agent/' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent', '/workspace'],
    },
    {
      name: '/tmp',
      runtime: { persistPath: '/tmp' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent', '/workspace'],
    },
    {
      name: 'the workspace, in the home',
      runtime: { workspaceDir: '/home/agent', persistPath: '/home/agent/' },
      want: ['/etc/agentjob/agent.json', '/tmp', '/home/agent'],
    },
  ]
  const placeOf = ({ persistPath = '/var/lib/agentjob' }: { persistPath?: string }) => persistPath.replace(/\/$/, '')
  for (const { name, runtime: given, want } of paths)
    test(`mounts the volume at ${name}, each place once`, () => {
      const mounts = agentOf({ persist: true }, runtime(given)).volumeMounts as { name: string; mountPath: string }[]
      expect(mounts.map(({ mountPath }) => mountPath)).toEqual(want)
      expect(mounts.find(({ name }) => name === 'data')?.mountPath).toBe(placeOf(given))
    })

  test('puts the labels, annotations and scheduling of the runtime into the pod, and those of the podTemplate on top', () => {
    const scheduling = { nodeSelector: { pool: 'agents' }, tolerations: [{ key: 'agents', operator: 'Exists' }] }
    const objects = runtime({ podLabels: { team: 'a' }, podAnnotations: { note: 'b' }, scheduling })
    const podTemplate = {
      metadata: { labels: { team: 'c' } },
      spec: { nodeSelector: { arch: 'arm64' }, tolerations: [{ key: 'spot' }] },
    }
    const { template, errors } = render({ podTemplate }, objects)
    expect(errors).toEqual([])
    expect(template.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'agentjob', team: 'c' })
    expect(template.metadata.annotations).toMatchObject({ note: 'b' })
    expect(template.spec).toMatchObject({
      nodeSelector: { pool: 'agents', arch: 'arm64' },
      tolerations: [{ key: 'agents', operator: 'Exists' }, { key: 'spot' }],
    })
  })

  const clashes: { name: string; runtime: object; podTemplate: object; want: string[] }[] = [
    {
      name: 'another node than the one of the runtime',
      runtime: { scheduling: { nodeSelector: { pool: 'agents' } } },
      podTemplate: { spec: { nodeSelector: { pool: 'gpu' } } },
      want: ['spec.podTemplate.spec.nodeSelector.pool: is agents already; a podTemplate adds and takes nothing away'],
    },
    {
      name: 'a second affinity',
      runtime: { scheduling: { affinity: { podAffinity: {} } } },
      podTemplate: { spec: { affinity: { nodeAffinity: {} } } },
      want: [
        'spec.podTemplate.spec.affinity: is set already, by the AgentRuntime; a podTemplate adds and changes nothing',
      ],
    },
    {
      name: 'a runtime that was written without admission',
      runtime: { podLabels: { 'agentjob.io/agentjob': 'other' } },
      podTemplate: {},
      want: [
        'spec.runtimeRef: AgentRuntime "echo" has metadata.labels["agentjob.io/agentjob"], which is reserved for what the operator and Kubernetes write',
      ],
    },
  ]
  for (const { name, runtime: given, podTemplate, want } of clashes)
    test(`refuses ${name}`, () =>
      expect(render({ podTemplate }, runtime(given)).errors.map(formatFinding)).toEqual(want))

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
