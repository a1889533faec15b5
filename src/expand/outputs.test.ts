import { expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor, SETTINGS } from './fixtures.ts'
import { renderPod } from './pod.ts'
import type { Fields } from './podtemplate/shape.ts'

function render(runtime: object, spec: object = {}, objects: Objects = {}) {
  const outputs = [{ name: 'report', path: 'report.md' }]
  const resolved = resolvedFor(spec, { 'AgentRuntime/echo': { image: 'echo', outputs, ...runtime }, ...objects })
  const { spec: found } = resolved.runtime as { spec: AgentRuntimeSpec }
  const { template, errors } = renderPod(agentJob(spec), found, resolved, 'confighash', SETTINGS)
  const { initContainers = [], containers, volumes } = template.spec
  const mounts = (initContainers.at(-1)?.volumeMounts ?? []) as Fields[]
  return {
    reader: initContainers.at(-1) as Fields,
    agent: containers[0] as Fields,
    mounts,
    initContainers,
    volumes,
    errors,
  }
}
const places = (mounts: Fields[]) =>
  mounts.map(({ name, mountPath, readOnly }) => `${name} ${mountPath}${readOnly ? '' : ', writable'}`)
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount'

test('is a sidecar after everything else, hardened as the agent is, with nothing of what that knows', () => {
  const podTemplate = {
    spec: {
      containers: [
        {
          name: 'agent',
          securityContext: { runAsUser: 1000 },
          volumeMounts: [{ name: 'more', mountPath: '/workspace/more' }],
        },
      ],
      initContainers: [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }],
      volumes: [{ name: 'more', secret: { secretName: 'more' } }],
    },
  }
  const credentials = [
    { name: 'ssh', secretRef: { name: 'ssh', key: 'key' }, mountPath: '/workspace/.ssh/id' },
    { name: 'all', secretRef: { name: 'all' } },
  ]
  const spec = { podTemplate, precheck: { command: ['ask'] }, envFrom: [{ secretRef: { name: 'ci' } }] }
  const { reader, agent, mounts, initContainers, errors } = render({ credentials, imagePullPolicy: 'Always' }, spec)
  expect(errors).toEqual([])
  expect(initContainers.map(({ name }) => name)).toEqual(['proxy', 'precheck', 'outputs'])
  expect(reader).toMatchObject({ image: 'echo', imagePullPolicy: 'Always', restartPolicy: 'Always' })
  expect(reader.securityContext).toEqual(agent.securityContext)
  expect(reader.securityContext).toMatchObject({ runAsUser: 1000, readOnlyRootFilesystem: true })
  expect([reader.env, reader.envFrom]).toEqual([undefined, undefined])
  expect(places(mounts)).toEqual(['workspace /workspace', `workspace ${TOKEN}`])
})

test('reserves something where the agent does', () => {
  const resources = { requests: { cpu: '1' } }
  expect(render({ resources }).reader.resources).toMatchObject({ requests: { cpu: '50m', memory: '32Mi' } })
  expect(render({}).reader.resources).toBeUndefined()
})

test('is no part of a pod that has none', () => {
  for (const outputs of [undefined, []]) expect(render({ outputs }).initContainers).toEqual([])
})

const workspaces: { name: string; runtime: object; spec?: object; want: string[] }[] = [
  { name: 'its own', runtime: { workspaceDir: '/srv/' }, want: ['workspace /srv', `workspace ${TOKEN}`] },
  { name: 'the home', runtime: { workspaceDir: '/home/agent' }, want: ['workspace /home/agent', `workspace ${TOKEN}`] },
  {
    name: 'the volume',
    runtime: { workspaceDir: '/var/lib/agentjob' },
    spec: { persist: true },
    want: ['data /var/lib/agentjob', `data ${TOKEN}`],
  },
  {
    name: 'with the volume in it',
    runtime: { persistPath: '/workspace/data' },
    spec: { persist: true },
    // a container runtime makes no folder in what is read-only
    want: ['workspace /workspace, writable', 'data /workspace/data', `workspace ${TOKEN}`],
  },
  {
    name: 'with the sessions of its program in it, which it does not need',
    runtime: { dialect: 'claude-code', workspaceDir: '/home/agent' },
    spec: { persist: true, retry: { limit: 1, resume: true } },
    want: ['workspace /home/agent', `workspace ${TOKEN}`],
  },
]
test.each(workspaces)('its workspace: $name', ({ runtime, spec, want }) => {
  expect(places(render(runtime, spec).mounts)).toEqual(want)
})

test('knows how many bytes the kubelet keeps of it, and the share of each', () => {
  const outputs = ['a', 'b', 'c'].map((name) => ({ name, path: name }))
  const bytes = (spec: object) => (render({ outputs }, spec).reader.args as string[]).slice(0, 2)
  const init = (count: number) => ({
    podTemplate: { spec: { initContainers: Array.from({ length: count }, (_, n) => ({ name: `i${n}`, image: 'x' })) } },
  })
  expect(bytes({})).toEqual(['4096', '1365'])
  expect(bytes(init(1))).toEqual(['4096', '1365'])
  expect(bytes(init(2))).toEqual(['3072', '1024'])
  expect(bytes({ ...init(9), precheck: { command: ['ask'] } })).toEqual(['1024', '341'])
})

test('paths are absolute; a default is marked; Kubernetes fills in nothing', () => {
  const outputs = [
    { name: 'a', path: 'out/$(A)' },
    { name: 'b', path: '/srv/b', default: '' },
    { name: 'c', path: 'c', default: '$(B) $$ $C' },
  ]
  const { args } = render({ outputs, workspaceDir: '/srv/' }).reader
  expect((args as string[]).slice(2)).toEqual([
    'a',
    '/srv/out/$$(A)',
    '',
    'b',
    '/srv/b',
    '=',
    'c',
    '/srv/c',
    '=$$(B) $$$$ $C',
  ])
})

test('its name is taken', () => {
  const podTemplate = { spec: { initContainers: [{ name: 'outputs', image: 'x' }] } }
  expect(render({}, { podTemplate }).errors).toEqual([
    { path: 'spec.podTemplate.spec.initContainers[0].name', message: 'is taken; there is a container outputs already' },
  ])
  expect(render({ outputs: undefined }, { podTemplate }).errors).toEqual([])
})

test('a log that is not to be told is told by no container of ours', () => {
  const { agent, initContainers } = render({ logTail: 'Never' }, { precheck: { command: ['ask'] } })
  expect([agent, ...initContainers].map((one) => one.terminationMessagePolicy)).toEqual(['File', 'File', undefined])
})
