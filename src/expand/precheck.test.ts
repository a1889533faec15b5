import { expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor, SETTINGS } from './fixtures.ts'
import { renderPod } from './pod.ts'
import type { Fields } from './podtemplate/shape.ts'

const runtime = (spec: object = {}): Objects => ({ 'AgentRuntime/echo': { image: 'echo', ...spec } })
function render(spec: object, objects: Objects = runtime()) {
  const given = { precheck: { command: ['ask', 'them'] }, ...spec }
  const resolved = resolvedFor(given, objects)
  const { template, errors } = renderPod(
    agentJob(given),
    resolved.runtime?.spec as AgentRuntimeSpec,
    resolved,
    'confighash',
    SETTINGS,
  )
  const [agent] = template.spec.containers as [Fields]
  return { agent, asked: template.spec.initContainers?.at(-1) as Fields, ...template.spec, errors }
}
const AUTH = { 'AgentAuth/model': { secretRef: { name: 'model', key: 'token' } } }
const text = (value: unknown) => JSON.stringify(value)

test('has what the agent has, and nothing more', () => {
  const podTemplate = {
    spec: {
      containers: [
        {
          name: 'agent',
          securityContext: { runAsUser: 1000 },
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
          lifecycle: { preStop: { exec: { command: ['true'] } } },
        },
      ],
      initContainers: [{ name: 'proxy', image: 'proxy', restartPolicy: 'Always' }],
      volumes: [{ name: 'cache', emptyDir: {} }],
    },
  }
  const spec = { authRef: 'model', envFrom: [{ secretRef: { name: 'ci' } }], resources: { limits: { cpu: 1 } } }
  const credentials = [{ name: 'ssh', secretRef: { name: 'ssh', key: 'key' }, mountPath: '/etc/key' }]
  const objects = { ...AUTH, ...runtime({ authEnvVar: 'TOKEN', credentials }) }
  const { agent, asked, initContainers, errors } = render({ ...spec, podTemplate }, objects)
  expect(errors).toEqual([])
  expect(initContainers?.map(({ name }) => name)).toEqual(['proxy', 'precheck'])
  for (const field of ['env', 'envFrom', 'resources', 'securityContext', 'terminationMessagePolicy'])
    expect([field, asked[field]]).toEqual([field, agent[field]])
  expect(text(asked.env)).toContain('"TOKEN"')
  expect(asked.securityContext).toMatchObject({ runAsUser: 1000, readOnlyRootFilesystem: true })
  // read-only to the agent alone
  const own = { name: 'precheck', mountPath: '/etc/agentjob/precheck' }
  const mounts = agent.volumeMounts as Fields[]
  expect(mounts).toContainEqual({ ...own, readOnly: true })
  expect(asked.volumeMounts).toEqual(mounts.map((mount) => (mount.name === 'precheck' ? own : mount)))
  expect(asked.lifecycle).toBeUndefined()
})

test('is no part of a pod that has none', () => {
  const { initContainers, volumes } = render({ precheck: undefined })
  expect(initContainers).toBeUndefined()
  expect(text(volumes)).not.toContain('precheck')
})

const images: { name: string; image?: string; imagePullPolicy?: string; want: object }[] = [
  { name: "the runtime's", want: { image: 'echo' } },
  {
    name: "the runtime's, pulled as that",
    imagePullPolicy: 'Always',
    want: { image: 'echo', imagePullPolicy: 'Always' },
  },
  { name: 'its own, pulled as Kubernetes does', image: 'tools', imagePullPolicy: 'Never', want: { image: 'tools' } },
]
test.each(images)('its image is $name', ({ image, imagePullPolicy, want }) => {
  const { asked } = render({ precheck: { command: ['ask'], image } }, runtime({ imagePullPolicy }))
  const { image: got, imagePullPolicy: pulled } = asked
  expect({ image: got, ...(pulled ? { imagePullPolicy: pulled } : {}) }).toEqual(want as never)
})

const FILE = '/etc/agentjob/precheck/output.txt'
const dialects = [
  ['agent-json', 'in its file'],
  ['task-md', 'in its file'],
  ['goose', 'in its file'],
  ['claude-code', 'on stdin'],
  ['codex', 'on stdin'],
  ['gemini', 'on stdin'],
  ['opencode', 'on stdin'],
] as const
test.each(dialects)('a program of dialect %s is told of it %s', (dialect, how) => {
  const objects = runtime({ dialect })
  const pod = (spec: object) => {
    const resolved = resolvedFor(spec, objects)
    const { spec: runtime } = resolved.runtime as { spec: AgentRuntimeSpec }
    return renderPod(agentJob(spec), runtime, resolved, 'confighash', SETTINGS).template
  }
  const { metadata, spec } = pod({ precheck: { command: ['ask'] } })
  const block = `<context type="Precheck" path="${FILE}"/>`
  expect(text(metadata.annotations).replaceAll('\\', '').includes(block)).toBe(how === 'in its file')
  const args = (spec.containers[0]?.args ?? []) as string[]
  const at = args.indexOf('append')
  expect(at < 0 ? [] : args.slice(at, at + 4)).toEqual(
    how === 'on stdin' ? ['append', FILE, '/tmp/prompt.md', `<context type="Precheck" path="${FILE}"`] : [],
  )
})

const places: { name: string; spec?: object; objects: Objects; want: string[] }[] = [
  {
    name: 'a context in its folder',
    spec: { contexts: [{ type: 'Inline', inline: { content: 'x' }, mountPath: '/etc/agentjob/precheck/a' }] },
    objects: runtime(),
    want: ['spec.contexts[0].mountPath: /etc/agentjob/precheck/a is inside of /etc/agentjob/precheck'],
  },
  {
    name: 'a folder of credentials around it',
    objects: runtime({
      dialect: 'task-md',
      credentials: [{ name: 'a', secretRef: { name: 'a' }, mountPath: '/etc/agentjob' }],
    }),
    want: ['spec.precheck: takes a place of its own: /etc/agentjob/precheck is inside of /etc/agentjob'],
  },
  { name: 'the folder of a program', objects: runtime({ dialect: 'codex' }), want: [] },
]
test.each(places)('its place: $name', ({ spec = {}, objects, want }) => {
  const said = render(spec, objects).errors.map(({ path, message }) => `${path}: ${message.split(',')[0]}`)
  expect(said).toEqual(want)
})
