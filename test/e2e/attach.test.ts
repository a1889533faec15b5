import { expect, test } from 'bun:test'
import { dirname } from 'node:path'
import { POD } from '../../src/controller/types.ts'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import {
  agentJob,
  agentjob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  list,
  loaded,
  logOf,
  newNamespace,
  type Output,
  patch,
  refusal,
  theWorld,
  untilPhase,
} from './world.ts'

/* Containers that stay after their agent, and people in them. The agents are shells. */

const { cluster } = await theWorld()
const image = await loaded(fetchImage)
const withPods = test.concurrent.skipIf(!cluster.pods)
const withShell = test.concurrent.skipIf(!image)

const STAYS = 'its container stays for'
/** Ends by SIGTERM at once, and says that it has got it. */
const WAITS = 'trap \'echo told; exit 9\' TERM; echo waiting; sleep 600 & wait "$!"'

const shell = (script: string, spec: object = {}) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: 'shell' },
  spec: { image: FETCH_IMAGE, command: ['sh', '-c', script, 'shell'], ...spec },
})

const kept = (keepAlive: string, spec: object = {}) =>
  agentJob('kept', { runtimeRef: 'shell', humanInTheLoop: { enabled: true, keepAlive }, ...spec })

/** Runs a command in the container, with the kubectl of the test's cluster. */
const attach = (namespace: string, ...command: string[]): Promise<Output> =>
  agentjob(['attach', 'kept', '-n', namespace, ...(command.length ? ['--', ...command] : [])], 'echo shell; exit 5\n', {
    PATH: `${dirname(cluster.bin.kubectl)}:${process.env.PATH}`,
  })

/** Waits until the log of the one run says something; gives the log. */
const untilSaid = (namespace: string, text: string): Promise<string> =>
  eventually(
    `the log says ${text}`,
    async () => logOf(namespace, (await getAgentJob(namespace, 'kept')).status?.jobName ?? ''),
    (log) => log.includes(text),
  )

withShell('a container stays after its agent, with its workspace, until it is stopped', async () => {
  const namespace = await newNamespace()
  const script = 'cd "$WORKSPACE_DIR"; echo draft > work; echo half > /dev/termination-log; exit 3'
  await apply(namespace, [shell(script), kept('1h', { backoffLimit: 3 })])
  const log = await untilSaid(namespace, STAYS)
  expect(log).toContain('agentjob: the agent ended with exit code 3; its container stays for 3600 s')
  const { stdout, stderr, code } = await attach(namespace, 'sh', '-c', 'cat "$WORKSPACE_DIR/work"; exit 4')
  expect({ stdout, code }).toEqual({ stdout: 'draft\n', code: 4 })
  expect(stderr).toStartWith(`kubectl exec -n ${namespace} -i kept-`)
  expect(await attach(namespace)).toMatchObject({ stdout: 'shell\n', code: 5 })
  expect((await getAgentJob(namespace, 'kept')).status?.phase).toBe('Running')
  expect((await agentjob(['stop', 'kept', '-n', namespace])).code).toBe(0)
  const { status } = await untilPhase(namespace, 'kept', 'Stopped')
  expect(status).toMatchObject({ exitCode: 3, result: 'half\n', attempts: 1 })
  const over = await attach(namespace)
  expect(over.code).toBe(4)
  expect(over.stderr).toContain('"agentjob rerun kept" runs it again, and its container stays for 1h after the agent')
  expect(await list(namespace, 'pods')).toHaveLength(1)
})

withShell('it ends by itself, as the agent has', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [shell('echo done > /dev/termination-log'), kept('3s')])
  const { status } = await untilPhase(namespace, 'kept', 'Succeeded')
  expect(status).toMatchObject({ exitCode: 0, result: 'done\n' })
  const { startTime = '', completionTime = '' } = status ?? {}
  expect(Date.parse(completionTime) - Date.parse(startTime)).toBeGreaterThanOrEqual(3000)
})

withShell('whoever is in it can end it, and the run has the fate of the agent', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [shell('echo done > /dev/termination-log'), kept('1h')])
  await untilSaid(namespace, STAYS)
  await attach(namespace, 'sh', '-c', 'kill 1')
  const { status } = await untilPhase(namespace, 'kept', 'Succeeded')
  expect(status).toMatchObject({ exitCode: 0, result: 'done\n' })
})

withShell('a stop while the agent works reaches the agent, and nothing stays', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [shell(WAITS), kept('1h')])
  await untilSaid(namespace, 'waiting')
  expect((await attach(namespace, 'sh', '-c', 'echo here')).stdout).toBe('here\n')
  expect((await agentjob(['stop', 'kept', '-n', namespace])).code).toBe(0)
  const { status } = await untilPhase(namespace, 'kept', 'Stopped')
  expect(status?.exitCode).toBe(9)
  const log = await logOf(namespace, status?.jobName ?? '')
  expect(log).toContain('told')
  expect(log).not.toContain(STAYS)
})

withShell('an agent whose time is over is ended, and its container stays; a timeout is told as one', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [shell(WAITS), kept('1h', { timeoutSeconds: 3 })])
  const log = await untilSaid(namespace, STAYS)
  expect(log).toContain('told')
  expect(log).toContain('was ended after 3 s, with exit code 9')
  expect((await attach(namespace, 'sh', '-c', 'echo here')).stdout).toBe('here\n')
  // ten minutes are long: the pod's deadline is brought forward, as far as Kubernetes lets it
  const [pod] = await list(namespace, 'pods')
  const { client } = await theWorld()
  await client.mergePatch(
    POD,
    { namespace, name: pod?.metadata.name as string },
    { spec: { activeDeadlineSeconds: 5 } },
  )
  const { status } = await untilPhase(namespace, 'kept', 'TimedOut')
  expect(status).toMatchObject({ exitCode: 9, reason: 'DeadlineExceeded' })
})

withShell('a change of the spec ends what stays', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [shell('exit 3'), kept('1h')])
  await untilSaid(namespace, STAYS)
  await patch(namespace, 'kept', { spec: { humanInTheLoop: { enabled: false } } })
  const { status } = await untilPhase(namespace, 'kept', 'Failed')
  expect(status?.runs?.map(({ phase, exitCode }) => [phase, exitCode])).toEqual([
    ['Failed', 3],
    ['Stopped', 3],
  ])
})

withShell('the program of a dialect is kept as well, and its output is read', async () => {
  const namespace = await newNamespace()
  const line = '{"type":"result","subtype":"success","is_error":false,"session_id":"one","result":"done"}'
  const script = `cat > "$WORKSPACE_DIR/prompt"; echo '${line}'`
  await apply(namespace, [shell(script, { dialect: 'claude-code' }), kept('1h', { prompt: 'Look at it.' })])
  await untilSaid(namespace, STAYS)
  expect((await attach(namespace, 'cat', '/workspace/prompt')).stdout).toBe('Look at it.')
  await attach(namespace, 'sh', '-c', 'kill 1')
  const { status } = await untilPhase(namespace, 'kept', 'Succeeded')
  expect(status).toMatchObject({ exitCode: 0, result: 'done', sessionId: 'one' })
})

withPods('an image without a shell says so', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    echoRuntime('shell', { command: ['/echo'] }),
    agentJob('kept', { runtimeRef: 'shell', humanInTheLoop: { enabled: true } }),
  ])
  const { status } = await untilPhase(namespace, 'kept', 'Failed')
  expect(status?.reason).toMatch(/^(StartError|ContainerCannotRun)$/)
})

test.concurrent('an AgentRuntime without a command is refused', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  expect(await refusal(namespace, agentJob('kept', { humanInTheLoop: { enabled: true } }))).toContain(
    'spec.humanInTheLoop: AgentRuntime "echo" has no command',
  )
})
