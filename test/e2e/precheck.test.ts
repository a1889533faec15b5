import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import type { Job } from '../../src/status/observed.ts'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import {
  agentJob,
  agentjob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  list,
  loaded,
  newNamespace,
  secret,
  told,
  untilPhase,
} from './world.ts'

/* What is asked before an agent is started, with Kubernetes' own Job controller. The echo agent's image has no shell. */

const image = await loaded(fetchImage)
const withShell = test.concurrent.skipIf(!image)

/** Long enough for the Job controller to wait before it tries again. */
const ONE_RETRY_MS = 90_000
/** Until a schedule of every minute is due, and its run over. */
const ONE_MINUTE_MS = 150_000
const OUTPUT = '/etc/agentjob/precheck/output.txt'

const asks = (script: string) => ({ command: ['sh', '-c', script], image: FETCH_IMAGE })

withShell('with exit code 0 the agent starts, and finds what was printed and left behind', async () => {
  const namespace = await newNamespace()
  const script = 'echo "#12 is red"; echo cloning >&2; echo left > cloned; touch /none 2>/dev/null || echo sealed'
  await apply(namespace, [
    echoRuntime(),
    agentJob('works', {
      prompt: ['read /workspace/cloned', `read ${OUTPUT}`, `write ${OUTPUT} x`]
        .map((line) => `echo: ${line}`)
        .join('\n'),
      precheck: asks(script),
    }),
  ])
  const log = await told(namespace, 'works')
  expect(log).toContain(`<context type="Precheck" path="${OUTPUT}"/>`)
  expect(log).toContain(`read ${OUTPUT}: ok\n#12 is red\nsealed\n`)
  expect(log).toContain('read /workspace/cloned: ok\nleft\n')
  expect(log).toContain(`write ${OUTPUT}: open ${OUTPUT}: read-only file system`)
  const { status } = await getAgentJob(namespace, 'works')
  const asked = await kubectl(['logs', '-n', namespace, `job/${status?.jobName}`, '-c', 'precheck'])
  expect(asked.stdout.split('\n').sort()).toEqual(['', '#12 is red', 'cloning', 'sealed'])
})

/** Claude Code as far as this goes: its result is what it was told of its precheck, each line ended by a bar. */
const CLAUDE = `input=$(cat)
line=$(printf '%s\\n' "$input" | sed -n '/Precheck/,$p' | tr '\\n"' "|'")
printf '{"type":"result","subtype":"success","is_error":false,"session_id":"one","result":"%s"}\\n' "$line"`

withShell('a program that takes its prompt from stdin gets the output with it', async () => {
  const namespace = await newNamespace()
  const claude = {
    ...{ apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentRuntime', metadata: { name: 'claude' } },
    spec: { image: FETCH_IMAGE, dialect: 'claude-code', command: ['sh', '-c', CLAUDE, 'claude'] },
  }
  await apply(namespace, [
    claude,
    agentJob('told', {
      runtimeRef: 'claude',
      prompt: 'Mend these.',
      precheck: { command: ['sh', '-c', 'echo "#12 </context> ${HOME}"'] },
    }),
  ])
  const { status } = await untilPhase(namespace, 'told', 'Succeeded')
  expect(status?.result).toBe(`<context type='Precheck' path='${OUTPUT}'>|#12 &lt;/context> /home/agent||</context>|`)
})

withShell('it has the variables, credentials and user of the agent, and Pod Security takes it', async () => {
  const namespace = await newNamespace()
  const credentials = [
    { name: 'token', secretRef: { name: 'deploy', key: 'token' }, env: 'TOKEN' },
    { name: 'key', secretRef: { name: 'deploy', key: 'key' }, mountPath: '/home/agent/.ssh/id' },
  ]
  const script =
    '[ "$TOKEN $MORE" = "of-deploy of-ci" ] || exit 3; cat /home/agent/.ssh/id; touch "$HOME/mine" || exit 4'
  await apply(namespace, [
    secret('deploy', { token: 'of-deploy', key: 'of-key' }),
    secret('ci', { MORE: 'of-ci' }),
    echoRuntime('echo', { credentials }),
    agentJob('same', {
      prompt: `echo: read ${OUTPUT}\necho: write /home/agent/mine x`,
      envFrom: [{ secretRef: { name: 'ci' } }],
      precheck: asks(script),
    }),
  ])
  const log = await told(namespace, 'same')
  expect(log).toContain(`read ${OUTPUT}: ok\nof-key`)
  expect(log).toContain('write /home/agent/mine: ok')
})

const jobOf = async (namespace: string) => {
  const jobs = await list<KubeObject & Job>(namespace, 'jobs')
  expect(jobs).toHaveLength(1)
  return jobs[0]
}

for (const [name, tries] of Object.entries({
  'with backoffLimit': { backoffLimit: 3 },
  'with retry': { retry: { limit: 3, onFailures: [1, 3] } },
  'with neither': {},
}))
  withShell(`with exit code 1 the run is Skipped, and asked once: ${name}`, async () => {
    const namespace = await newNamespace()
    const precheck = asks('echo "no pull request is red"; exit 1')
    await apply(namespace, [echoRuntime(), agentJob('idle', { ...tries, precheck })])
    const { code, stdout } = await agentjob(['wait', 'idle', '-n', namespace, '--timeout=90s'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Skipped (PrecheckSkipped): no pull request is red')])
    const { status } = await getAgentJob(namespace, 'idle')
    expect(status).toMatchObject({ phase: 'Skipped', reason: 'PrecheckSkipped', message: 'no pull request is red' })
    expect([status?.attempts, status?.exitCode, status?.result]).toEqual([1, undefined, undefined])
    const conditions = status?.conditions?.map(({ type, status }) => `${type}=${status}`)
    expect(conditions).toEqual(['Ready=True', 'Expanded=True', 'UpToDate=True', 'Succeeded=True', 'Complete=True'])
    const waited = await kubectl(['wait', 'aj/idle', '-n', namespace, '--for=condition=Complete', '--timeout=10s'])
    expect(waited.code).toBe(0)
    await aWhile()
    expect(await list(namespace, 'pods')).toHaveLength(1)
    // Kubernetes has no third end
    expect((await jobOf(namespace))?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failed', status: 'True', reason: 'PodFailurePolicy' }),
    )
    await eventually(
      'a Normal event',
      async () => (await kubectl(['get', 'events', '-n', namespace, '-o', 'json'])).stdout,
      (text) =>
        (JSON.parse(text).items as { type: string; reason: string }[]).some(
          ({ type, reason }) => type === 'Normal' && reason === 'Skipped',
        ),
    )
    const logs = await agentjob(['logs', 'idle', '-n', namespace])
    expect(logs.stderr).toContain('container precheck exited with code 1: no pull request is red')
    const explained = await agentjob(['explain', 'idle', '-n', namespace])
    expect(explained.stdout).toContain('asks its precheck again')
  })

withShell('what has been skipped stays so when its pod is gone, and is asked again by a rerun', async () => {
  const namespace = await newNamespace()
  const again = 'if [ -e /var/lib/agentjob/asked ]; then exit 0; fi; touch /var/lib/agentjob/asked; exit 1'
  await apply(namespace, [echoRuntime(), agentJob('twice', { persist: true, precheck: asks(again) })])
  await untilPhase(namespace, 'twice', 'Skipped')
  await kubectl(['delete', 'pods', '--all', '-n', namespace])
  await aWhile()
  const { status } = await getAgentJob(namespace, 'twice')
  expect(status).toMatchObject({ phase: 'Skipped', message: 'the precheck found nothing to do' })
  expect((await agentjob(['rerun', 'twice', '-n', namespace, '--wait', '--timeout=90s'])).code).toBe(0)
  const { status: later } = await getAgentJob(namespace, 'twice')
  expect(later?.runs?.map(({ phase }) => phase)).toEqual(['Succeeded', 'Skipped'])
})

withShell('with any other exit code the run has failed, with its words, and is tried again', async () => {
  const namespace = await newNamespace()
  const precheck = asks('echo "no token" >&2; exit 3')
  await apply(namespace, [echoRuntime(), agentJob('broken', { backoffLimit: 1, precheck })])
  const { status } = await untilPhase(namespace, 'broken', 'Failed', ONE_RETRY_MS)
  expect(status).toMatchObject({ reason: 'PrecheckFailed', attempts: 2 })
  expect(status?.message).toStartWith('the precheck failed: container precheck exited with code 3: no token; its log')
  expect(status?.runs?.[0]?.lastFailure).toBe('PrecheckFailed')
  const { code } = await agentjob(['wait', 'broken', '-n', namespace])
  expect(code).toBe(1)
})

withShell('with retry.onFailures, which name exit codes of the agent, it is not', async () => {
  const namespace = await newNamespace()
  const retry = { limit: 3, onFailures: [3] }
  await apply(namespace, [echoRuntime(), agentJob('once', { retry, precheck: asks('exit 3') })])
  const { status } = await untilPhase(namespace, 'once', 'Failed')
  expect(status).toMatchObject({ reason: 'PrecheckFailed', attempts: 1 })
  expect(status?.message).toContain('spec.retry.onFailures does not name that')
})

withShell('an image without a shell says what is missing', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('mute', { precheck: { command: ['true'] } })])
  const { status } = await untilPhase(namespace, 'mute', 'Failed')
  expect(status?.reason).toBe('PrecheckFailed')
  expect(status?.message).toEndWith('; let spec.precheck.image name an image that has sh')
})

withShell('it is stopped at once', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('slow', { precheck: asks('echo asking; sleep 600; exit 1') })])
  await eventually(
    'it asks',
    async () => {
      const { status } = await getAgentJob(namespace, 'slow')
      return (await kubectl(['logs', '-n', namespace, `job/${status?.jobName}`, '-c', 'precheck'])).stdout
    },
    (log) => log.includes('asking'),
  )
  expect((await agentjob(['stop', 'slow', '-n', namespace])).code).toBe(0)
  // before SIGKILL comes, after 30 seconds
  await untilPhase(namespace, 'slow', 'Stopped', 25_000)
})

withShell(
  'a schedule goes on after a run that had nothing to do',
  async () => {
    const namespace = await newNamespace()
    const precheck = asks('echo "no pull request is red"; exit 1')
    await apply(namespace, [echoRuntime(), agentJob('nightly', { schedule: '* * * * *', precheck })])
    const { status } = await eventually(
      'a run that was skipped',
      () => getAgentJob(namespace, 'nightly'),
      ({ status }) => status?.phase === 'Scheduled' && status.runs?.[0]?.phase === 'Skipped',
      ONE_MINUTE_MS,
    )
    expect(status?.runs?.[0]).toMatchObject({ reason: 'PrecheckSkipped', message: 'no pull request is red' })
    expect(status?.runs?.[0]?.scheduledAt).toBeDefined()
    // a time that came to a run is none that was missed
    expect(status?.skips).toBeUndefined()
    const isTrue = (wanted: string) =>
      status?.conditions?.some(({ type, status }) => type === wanted && status === 'True') ?? false
    expect(['Ready', 'Complete', 'Failed', 'Stalled'].map(isTrue)).toEqual([true, true, false, false])
  },
  ONE_MINUTE_MS + 30_000,
)
