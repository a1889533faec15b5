import { expect, test } from 'bun:test'
import { agentJob, apply, echoRuntime, getAgentJob, newNamespace, secret, theWorld, told } from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('credentials reach the agent as variables and as files, with their modes and read-only', async () => {
  const namespace = await newNamespace()
  const credentials = [
    { name: 'everything', secretRef: { name: 'cloud' } },
    { name: 'one', secretRef: { name: 'keys', key: 'region' }, env: 'ONE_REGION' },
    { name: 'file', secretRef: { name: 'keys', key: 'id' }, mountPath: '/home/agent/.ssh/id' },
    { name: 'folder', secretRef: { name: 'keys' }, mountPath: '/etc/keys', fileMode: 0o444 },
  ]
  const prompt = [
    'env CLOUD_REGION',
    'env ONE_REGION',
    'read /home/agent/.ssh/id',
    'stat /home/agent/.ssh/id',
    'write /home/agent/.ssh/id x',
    'stat /etc/keys/region',
    'write /etc/keys/new x',
  ]
  await apply(namespace, [
    secret('cloud', { CLOUD_REGION: 'north' }),
    secret('keys', { id: 'the-private-part', region: 'south' }),
    echoRuntime('echo', { credentials }),
    agentJob('uses', { prompt: prompt.map((line) => `echo: ${line}`).join('\n') }),
  ])
  const log = await told(namespace, 'uses')
  for (const line of [
    'env CLOUD_REGION=north',
    'env ONE_REGION=south',
    'read /home/agent/.ssh/id: ok\nthe-private-part',
    // the kubelet lets the pod's group read what belongs to root
    'stat /home/agent/.ssh/id: 0640',
    'write /home/agent/.ssh/id: open /home/agent/.ssh/id: permission denied',
    'stat /etc/keys/region: 0444',
    'write /etc/keys/new: open /etc/keys/new: read-only file system',
  ])
    expect(log).toContain(line)
  expect(JSON.stringify(await getAgentJob(namespace, 'uses'))).not.toContain('the-private-part')
})

withPods('the agent may write to its workspace; labels and scheduling of the runtime reach the pod', async () => {
  const namespace = await newNamespace()
  const runtime = {
    workspaceDir: '/srv',
    podLabels: { team: 'a' },
    podAnnotations: { 'example.com/note': 'b' },
    scheduling: { nodeSelector: { 'kubernetes.io/os': 'linux' }, tolerations: [{ key: 'agents', operator: 'Exists' }] },
  }
  await apply(namespace, [
    echoRuntime('echo', runtime),
    agentJob('works', { prompt: 'echo: env WORKSPACE_DIR\necho: write /srv/notes kept\necho: write /other x' }),
  ])
  const log = await told(namespace, 'works')
  expect(log).toContain('env WORKSPACE_DIR=/srv\nwrite /srv/notes: ok')
  expect(log).toContain('write /other: open /other: read-only file system')
  const { expansion } = await getAgentJob(namespace, 'works')
  const job = expansion?.resources.find(({ kind }) => kind === 'Job') as { spec?: { template?: object } } | undefined
  expect(job?.spec?.template).toMatchObject({
    metadata: { labels: { team: 'a' }, annotations: { 'example.com/note': 'b' } },
    spec: { nodeSelector: { 'kubernetes.io/os': 'linux' }, tolerations: [{ key: 'agents', operator: 'Exists' }] },
  })
})
