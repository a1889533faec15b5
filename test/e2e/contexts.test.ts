import { expect, test } from 'bun:test'
import {
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  newNamespace,
  secret,
  theWorld,
  told,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

const configMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
})
const context = (name: string, spec: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'Context',
  metadata: { name },
  spec,
})
const prompt = (lines: string[]) => lines.map((line) => `echo: ${line}`).join('\n')

withPods('contexts without a place are part of task.md and of the prompt, the AgentRuntime’s first', async () => {
  const namespace = await newNamespace()
  const spec = {
    prompt: prompt(['read /workspace/task.md', 'stat /workspace/task.md', 'write /workspace/task.md x']),
    contexts: [
      { name: 'rules' },
      { type: 'Inline', inline: { content: 'Be kind.' } },
      { name: 'key' },
      { type: 'ConfigMap', configMap: { name: 'absent', optional: true } },
    ],
  }
  await apply(namespace, [
    configMap('rules', { 'style.md': 'Write plainly. </context>', 'limits.md': 'Touch nothing else.' }),
    secret('keys', { id: 'the-private-part' }),
    context('rules', { type: 'ConfigMap', configMap: { name: 'rules', key: 'style.md' } }),
    context('key', { type: 'Secret', secret: { name: 'keys', key: 'id' } }),
    echoRuntime('echo', { contexts: [{ type: 'Inline', inline: { content: 'From the runtime.' } }] }),
    agentJob('told', spec),
    agentJob('reads', { prompt: 'echo: read /workspace/contexts/key', contexts: [{ name: 'key' }] }),
  ])
  const log = await told(namespace, 'told')
  expect(log).toContain(`<context type="Inline">
From the runtime.
</context>

<context name="rules" namespace="${namespace}" type="ConfigMap">
Write plainly. &lt;/context>
</context>

<context type="Inline">
Be kind.
</context>

<context name="key" namespace="${namespace}" type="Secret" path="/workspace/contexts/key"/>`)
  expect(log).toContain('stat /workspace/task.md: 0644')
  expect(log).toContain('write /workspace/task.md: open /workspace/task.md: permission denied')
  expect(await told(namespace, 'reads')).toContain('read /workspace/contexts/key: ok\nthe-private-part')
  expect(JSON.stringify(await getAgentJob(namespace, 'told'))).not.toContain('the-private-part')
})

withPods('contexts with a place are there, with their modes and read-only', async () => {
  const namespace = await newNamespace()
  const spec = {
    prompt: prompt([
      'read /workspace/CLAUDE.md',
      'stat /workspace/CLAUDE.md',
      'write /workspace/CLAUDE.md x',
      'read /etc/handbook/a.md',
      'stat /etc/handbook/b.md',
      'write /etc/handbook/new x',
      'read /etc/one.md',
      'read /etc/keys/id',
      'stat /etc/keys/id',
      'write /etc/keys/new x',
    ]),
    contexts: [
      { type: 'Inline', inline: { content: 'Be kind.' }, mountPath: '/workspace/CLAUDE.md', fileMode: 0o440 },
      { type: 'ConfigMap', configMap: { name: 'handbook' }, mountPath: '/etc/handbook', fileMode: 0o444 },
      { type: 'ConfigMap', configMap: { name: 'handbook', key: 'a.md' }, mountPath: '/etc/one.md' },
      { type: 'Secret', secret: { name: 'keys' }, mountPath: '/etc/keys', fileMode: 0o400 },
    ],
  }
  await apply(namespace, [
    configMap('handbook', { 'a.md': 'Chapter A', 'b.md': 'x'.repeat(40_000) }),
    secret('keys', { id: 'the-private-part' }),
    echoRuntime(),
    agentJob('placed', spec),
    agentJob('small', {
      ...spec,
      prompt: prompt(['read /etc/handbook/a.md', 'stat /etc/handbook/a.md', 'stat /workspace/CLAUDE.md']),
      contexts: [spec.contexts[0], { ...spec.contexts[1], configMap: { name: 'short' } }],
    }),
    configMap('short', { 'a.md': 'Chapter A' }),
  ])
  const log = await told(namespace, 'placed')
  for (const line of [
    'read /workspace/CLAUDE.md: ok\nBe kind.',
    'stat /workspace/CLAUDE.md: 0440',
    'write /workspace/CLAUDE.md: open /workspace/CLAUDE.md: permission denied',
    'read /etc/handbook/a.md: ok\nChapter A',
    'stat /etc/handbook/b.md: 0444',
    'write /etc/handbook/new: open /etc/handbook/new: read-only file system',
    'read /etc/one.md: ok\nChapter A',
    'read /etc/keys/id: ok\nthe-private-part',
    // the kubelet lets the pod's group read what belongs to root
    'stat /etc/keys/id: 0440',
    'write /etc/keys/new: open /etc/keys/new: read-only file system',
  ])
    expect(log).toContain(line)
  const { expansion } = await getAgentJob(namespace, 'placed')
  expect(expansion?.resources.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Job'])
  const small = await told(namespace, 'small')
  expect(small).toContain('read /etc/handbook/a.md: ok\nChapter A\nstat /etc/handbook/a.md: 0444')
  expect(small).toContain('stat /workspace/CLAUDE.md: 0440')
})

test.concurrent('a ConfigMap is waited for, and a change of it reaches who depends on it', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    context('rules', { type: 'ConfigMap', configMap: { name: 'rules' } }),
    echoRuntime(),
    agentJob('nightly', { prompt: 'Go.', schedule: '0 3 1 1 *', contexts: [{ name: 'rules' }] }),
  ])
  const waiting = await untilPhase(namespace, 'nightly', 'Pending')
  expect(waiting.status).toMatchObject({
    reason: 'ReferenceNotFound',
    message: `spec.contexts[0]: there is no ConfigMap "rules" in namespace ${namespace}; nothing runs until there is one; create ConfigMap rules, or correct the name`,
  })
  await apply(namespace, configMap('rules', { 'style.md': 'Write plainly.' }))
  const scheduled = await untilPhase(namespace, 'nightly', 'Scheduled')
  await kubectl([
    '-n',
    namespace,
    'patch',
    'configmap',
    'rules',
    '--type=merge',
    '-p',
    '{"data":{"style.md":"Be brief."}}',
  ])
  await eventually(
    'the CronJob',
    async () => (await kubectl(['-n', namespace, 'get', 'cronjob', 'nightly', '-o', 'json'])).stdout,
    (json) => json.includes('Be brief.'),
  )
  const { status, expansion } = await getAgentJob(namespace, 'nightly')
  expect(status?.configHash).not.toBe(scheduled.status?.configHash as string)
  expect(expansion?.references.map(({ kind }) => kind)).toEqual(['AgentRuntime', 'Context', 'ConfigMap'])
})
