import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import {
  agentJob,
  agentjob,
  apply,
  clusterAccess,
  eventually,
  getAgentJob,
  kubectl,
  list,
  loaded,
  newNamespace,
  secret,
  untilPhase,
} from './world.ts'

const image = await loaded(fetchImage)
const withShell = test.concurrent.skipIf(!image)

/** An agent that is a shell script, and what it leaves. */
const shellRuntime = (script: string, outputs: object[], spec: object = {}) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: 'shell' },
  spec: { image: FETCH_IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], outputs, ...spec },
})
const shellJob = (name: string, spec: object = {}) => agentJob(name, { runtimeRef: 'shell', prompt: 'Go.', ...spec })
const named = (...names: string[]) => names.map((name) => ({ name, path: name }))

withShell('files of the workspace are outputs, and nothing else that a link leads to', async () => {
  const namespace = await newNamespace()
  const script = `mkdir out && echo "# Report" > out/report.md && printf 'https://example.com/1' > url && chmod 600 url
mkfifo pipe; ln -s out/report.md near; ln -s /workspace/url far
ln -s /home/agent/.ssh/id key; ln -s /var/run/secrets/kubernetes.io/serviceaccount/token token
printf 'a\\377\\000b' > binary; for n in 1 2 3 4 5 6 7 8 9; do cat /workspace/task; done > big
[ -s token ] && [ -s key ] && printf '{"url":"another","verdict":"good"}' > /dev/termination-log`
  const outputs = [
    { name: 'report', path: 'out/report.md' },
    { name: 'url', path: '/workspace/url' },
    { name: 'score', path: 'score.txt', default: '$(HOME) 0' },
    ...named('absent', 'near', 'far', 'key', 'token', 'pipe', 'binary', 'big'),
  ]
  const credentials = [{ name: 'key', secretRef: { name: 'deploy', key: 'key' }, mountPath: '/home/agent/.ssh/id' }]
  const text = 'äöü '.repeat(200)
  await apply(namespace, [
    secret('deploy', { key: 'of-deploy' }),
    clusterAccess(),
    shellRuntime(`cd /workspace && ${script}`, outputs, { credentials }),
    shellJob('leaves', {
      clusterAccessRef: 'namespace',
      contexts: [{ type: 'Inline', inline: { content: text }, mountPath: '/workspace/task' }],
    }),
  ])
  const { status } = await untilPhase(namespace, 'leaves', 'Succeeded')
  const { big, ...others } = status?.outputs ?? {}
  expect(others).toEqual({
    report: '# Report',
    url: 'https://example.com/1',
    score: '$(HOME) 0',
    near: '# Report',
    far: 'https://example.com/1',
    binary: 'a\ufffdb',
    verdict: 'good',
  })
  expect(big).toMatch(/^(äöü )+[^\ufffd]{0,3}…$/)
  expect(Buffer.byteLength(big ?? '')).toBeGreaterThan(3000)
  const { stdout } = await kubectl(['logs', '-n', namespace, `job/${status?.jobName}`, '-c', 'outputs'])
  expect(stdout).toContain('output absent: there is no file /workspace/absent\n')
  expect(stdout).toMatch(/output big: cut after \d+ bytes\n/)
})

withShell(
  'of a run that failed, outputs, and the end of the log when that is gone; exit codes are the agent’s',
  async () => {
    const namespace = await newNamespace()
    const script = `cd /workspace; if [ ! -e /workspace/kept/tried ]; then touch /workspace/kept/tried; exit 5; fi
echo half > report; printf 'last word' > /dev/termination-log; printf 'starting\\n\\033[31mno such branch\\033[0m\\n'; exit 3`
    await apply(namespace, [
      shellRuntime(script, named('report'), { persistPath: '/workspace/kept' }),
      shellJob('fails', { persist: true, retry: { limit: 3, onFailures: [5] } }),
    ])
    const { status } = await untilPhase(namespace, 'fails', 'Failed', 90_000)
    expect(status).toMatchObject({
      reason: 'Error',
      exitCode: 3,
      attempts: 2,
      result: 'last word',
      outputs: { report: 'half' },
    })
    expect(status?.message).toStartWith('the agent exited with code 3; spec.retry.onFailures does not name that')
    expect(status?.runs?.[0]?.logTail).toBe('starting\nno such branch')
    await kubectl(['delete', 'pods', '--all', '-n', namespace])
    await eventually(
      'no pod',
      () => list(namespace, 'pods'),
      ({ length }) => length === 0,
    )
    const logs = await agentjob(['logs', 'fails', '-n', namespace])
    expect(logs).toMatchObject({ code: 4, stdout: 'starting\nno such branch\n' })
    expect(logs.stderr).toContain('is gone and its log with it')
    const explained = await agentjob(['explain', 'fails', '-n', namespace])
    expect(explained.stdout).toContain('Log of container agent, its end, as the status has kept it\n  starting\n')
    const { status: later } = await getAgentJob(namespace, 'fails')
    expect([later?.outputs, later?.runs?.[0]?.logTail]).toEqual([status?.outputs, status?.runs?.[0]?.logTail])
  },
)

withShell('what was left until the time was up is kept; of a log that is not to be told, nothing', async () => {
  const namespace = await newNamespace()
  const script = 'cd /workspace; echo half > report; echo secret; trap "exit 9" TERM; sleep 600 & wait'
  await apply(namespace, [
    shellRuntime(script, named('report'), { logTail: 'Never' }),
    shellJob('slow', { timeoutSeconds: 8 }),
    shellJob('skips', { precheck: { command: ['sh', '-c', 'exit 1'] } }),
  ])
  const { status } = await untilPhase(namespace, 'slow', 'TimedOut')
  expect(status).toMatchObject({ exitCode: 9, outputs: { report: 'half' } })
  expect([status?.result, status?.runs?.[0]?.logTail]).toEqual([undefined, undefined])
  const skipped = await untilPhase(namespace, 'skips', 'Skipped')
  expect(skipped.status?.outputs).toBeUndefined()
  const pods = await list<KubeObject & { status: { initContainerStatuses: object[] } }>(namespace, 'pods')
  const reader = pods.flatMap(({ metadata, status }) =>
    metadata.name?.startsWith('skips') ? status.initContainerStatuses : [],
  )
  expect(reader).toContainEqual(expect.objectContaining({ name: 'outputs', started: false }))
})
