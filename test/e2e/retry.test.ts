import { expect, test } from 'bun:test'
import { GO_ON } from '../../src/dialects/instructions.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { Job } from '../../src/status/observed.ts'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import {
  agentJob,
  agentjob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  list,
  loaded,
  logOf,
  newNamespace,
  theWorld,
  untilPhase,
} from './world.ts'

const { cluster } = await theWorld()
const image = await loaded(fetchImage)
const withPods = test.concurrent.skipIf(!cluster.pods)
const withShell = test.concurrent.skipIf(!image)

/** Long enough for the Job controller to wait 10 s and 20 s before it tries again. */
const TWO_RETRIES_MS = 150_000

/** A shell in the place of an agent. */
const shell = (name: string, script: string, spec: object = {}) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name },
  spec: { image: FETCH_IMAGE, command: ['sh', '-c', script, name], ...spec },
})

/** What Kubernetes says of the one Job of a namespace. */
async function jobStatus(namespace: string): Promise<Job['status']> {
  const [job] = await list<KubeObject & Job>(namespace, 'jobs')
  return job?.status
}

/** Counts the attempts on the volume: `$n` is the number of this one. */
const COUNT = 'f=/var/lib/agentjob/n; n=$(($(cat $f 2>/dev/null || echo 0) + 1)); echo $n > $f'

withShell('a failure that is named is tried again, until it goes well', async () => {
  const namespace = await newNamespace()
  const retry = { limit: 3, onFailures: [3] }
  await apply(namespace, [
    shell('third', `${COUNT}; [ $n -ge 3 ] || exit 3; echo "done at $n" > /dev/termination-log`),
    agentJob('tries', { runtimeRef: 'third', persist: true, retry }),
  ])
  const { status: second } = await eventually(
    'the second attempt',
    () => getAgentJob(namespace, 'tries'),
    ({ status }) => status?.attempts === 2,
  )
  expect(second).toMatchObject({ phase: 'Running', message: 'attempt 2 of 4, after exit code 3' })
  const { status } = await untilPhase(namespace, 'tries', 'Succeeded', TWO_RETRIES_MS)
  expect(status).toMatchObject({ attempts: 3, exitCode: 0, result: 'done at 3\n' })
  expect(status?.runs).toHaveLength(1)
  expect(status?.runs?.[0]).toMatchObject({ attempts: 3, lastFailure: 'exit code 3' })
  expect(await list(namespace, 'pods')).toHaveLength(3)
})

withPods('a failure that is not named ends the run at once, and says so', async () => {
  const namespace = await newNamespace()
  const retry = { limit: 3, onFailures: [3, 'OOMKilled'] }
  await apply(namespace, [echoRuntime(), agentJob('ends', { prompt: 'echo: exit 4', retry })])
  const { status } = await untilPhase(namespace, 'ends', 'Failed')
  expect(status).toMatchObject({ attempts: 1, exitCode: 4, reason: 'Error' })
  expect(status?.message).toStartWith('the agent exited with code 4; spec.retry.onFailures does not name that')
  expect((await jobStatus(namespace))?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Failed', reason: 'PodFailurePolicy' }),
  )
  expect(await list(namespace, 'pods')).toHaveLength(1)
})

withPods('an agent without memory is tried again where that is named', async () => {
  const namespace = await newNamespace()
  const resources = { limits: { memory: '32Mi' } }
  const retry = { limit: 1, onFailures: ['OOMKilled'] }
  await apply(namespace, [echoRuntime(), agentJob('grows', { prompt: 'echo: oom', resources, retry })])
  const { status } = await untilPhase(namespace, 'grows', 'Failed', TWO_RETRIES_MS)
  expect(status).toMatchObject({ attempts: 2, exitCode: 137, reason: 'OOMKilled' })
  expect(status?.runs?.[0]?.lastFailure).toBe('OOMKilled')
})

/** Asks the API server for the eviction of the one pod of a namespace, as `kubectl drain` does. */
async function evict(namespace: string): Promise<string> {
  const [pod] = await list(namespace, 'pods')
  const name = pod?.metadata.name as string
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`
  const { code, stderr } = await kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction))
  if (code !== 0) throw new Error(stderr)
  return name
}

const untilSaid = (namespace: string, name: string, text: string) =>
  eventually(
    `the agent says ${text}`,
    async () => logOf(namespace, (await getAgentJob(namespace, name)).status?.jobName ?? ''),
    (log) => log.includes(text),
  )

const WAITS = "trap 'exit 143' TERM; echo waiting; sleep 600 & wait"

withShell('a pod that is evicted is replaced without counting', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    shell('second', `${COUNT}; [ $n -ge 2 ] || { ${WAITS}; }; echo well`),
    agentJob('moves', { runtimeRef: 'second', persist: true, retry: { limit: 0 } }),
  ])
  await untilSaid(namespace, 'moves', 'waiting')
  await evict(namespace)
  const { status } = await untilPhase(namespace, 'moves', 'Succeeded', TWO_RETRIES_MS)
  expect(status).toMatchObject({ attempts: 1, exitCode: 0 })
  expect(status?.runs?.[0]?.lastFailure).toMatch(/^(exit code 143|EvictionByEvictionAPI)$/)
  expect((await jobStatus(namespace))?.failed ?? 0).toBe(0)
})

withShell('an eviction counts where that is asked for, and ends the run where it is not named', async () => {
  const namespace = await newNamespace()
  const retry = { limit: 3, ignoreDisruption: false, onFailures: [3] }
  await apply(namespace, [shell('waits', WAITS), agentJob('stays', { runtimeRef: 'waits', retry })])
  await untilSaid(namespace, 'stays', 'waiting')
  await evict(namespace)
  const { status } = await untilPhase(namespace, 'stays', 'Failed')
  expect(status?.attempts).toBe(1)
  expect(status?.message).toContain('; spec.retry.onFailures does not name that')
})

/** Claude Code as far as this goes: it keeps a session and fails, and tells what it is asked when it goes on with one. */
const CLAUDE = `input=$(cat)
case " $* " in
  *" --continue "*)
    [ -s "$HOME/.claude/projects/workspace/one.jsonl" ] || exit 4
    printf '{"type":"result","subtype":"success","is_error":false,"session_id":"one","result":"%s"}\\n' "$input" ;;
  *)
    mkdir -p "$HOME/.claude/projects/workspace"
    printf '{"type":"user","message":"%s"}\\n' "$input" > "$HOME/.claude/projects/workspace/one.jsonl"
    exit 3 ;;
esac`

withShell('with resume the next attempt goes on with the session, and the next run starts afresh', async () => {
  const namespace = await newNamespace()
  const retry = { limit: 1, onFailures: [3], resume: true }
  await apply(namespace, [
    shell('claude', CLAUDE, { dialect: 'claude-code' }),
    agentJob('goes-on', { runtimeRef: 'claude', prompt: 'Count to ten.', persist: true, retry }),
  ])
  const { status } = await untilPhase(namespace, 'goes-on', 'Succeeded', TWO_RETRIES_MS)
  expect(status).toMatchObject({ attempts: 2, sessionId: 'one', result: GO_ON.trim() })
  expect((await agentjob(['rerun', 'goes-on', '-n', namespace, '--wait', '--timeout=150s'])).code).toBe(0)
  const { status: rerun } = await getAgentJob(namespace, 'goes-on')
  expect(rerun?.runs?.map(({ attempts, result }) => [attempts, result])).toEqual([
    [2, GO_ON.trim()],
    [2, GO_ON.trim()],
  ])
})
