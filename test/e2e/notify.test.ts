import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Notification, Run } from '../../src/api/agentjobstatus.ts'
import { NAMESPACE } from '../operator/install.ts'
import { SETTINGS } from '../operator/operator.ts'
import { startOperatorAgain, stopOperator, withoutAdmission } from './operators.ts'
import { isSigned, type Received, type Receiver, startReceiver } from './receiver.ts'
import {
  agentJob,
  agentjob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  goOn,
  jobNames,
  kubectl,
  newNamespace,
  patch,
  refusal,
  theWorld,
  untilPhase,
  WAITS,
} from './world.ts'

/*
 * Notifications of the end of runs, to a receiver on this host that is allowed by its address: of a private network, as
 * that of a Service is. The operator is one with settings of its own; the others get theirs back.
 */

const { cluster } = await theWorld()
const withPods = test.skipIf(!cluster.pods)

let receiver: Receiver
/** Of the operator that allows the receiver, and trusts its CA. */
let allowing: { settings: object; env: Record<string, string> }

beforeAll(async () => {
  if (!cluster.pods) return
  receiver = await startReceiver(cluster.hostAddress)
  allowing = {
    settings: { ...SETTINGS, notify: { privateHosts: [receiver.host] } },
    env: { NODE_EXTRA_CA_CERTS: receiver.ca },
  }
  await stopOperator()
  await startOperatorAgain(allowing)
}, 120_000)

afterAll(async () => {
  if (!cluster.pods) return
  await stopOperator()
  await startOperatorAgain()
  await receiver.stop()
}, 120_000)

const urlOf = (path: string) => `https://${receiver.host}${path}`

/** A namespace with an AgentRuntime, and a path of the receiver's that nobody else uses. */
async function place(): Promise<{ namespace: string; path: string }> {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  return { namespace, path: `/${namespace}` }
}

const notificationOf = async (namespace: string, name: string): Promise<Notification | undefined> =>
  (await getAgentJob(namespace, name)).status?.runs?.[0]?.notification

const untilNotified = (namespace: string, name: string, state: Notification['state']) =>
  eventually(
    `the notification of ${name} is ${state}`,
    () => notificationOf(namespace, name),
    (notification) => notification?.state === state,
  )

const untilReceived = (path: string, times: number): Promise<Received[]> =>
  eventually(
    `${times} requests to ${path}`,
    async () => receiver.at(path),
    (received) => received.length >= times,
  )

/** As somebody reads it who may do nothing else. */
const publicKey = async () =>
  (
    await kubectl([
      ...['get', 'configmap', 'agentjob-notification-key', '-n', NAMESPACE],
      ...['--as', 'a-receiver', '-o', 'jsonpath={.data.publicKey}'],
    ])
  ).stdout

withPods('the end of a run is told once, signed, with its result, and nothing runs again for it', async () => {
  const { namespace, path } = await place()
  await apply(namespace, agentJob('hello', { notify: { url: urlOf(path) } }))
  await untilPhase(namespace, 'hello', 'Succeeded')
  expect(await untilNotified(namespace, 'hello', 'Delivered')).toEqual({
    ...{ state: 'Delivered', code: 200, time: expect.any(String) as never },
  })
  const [request] = receiver.at(path)
  expect(await isSigned(request as Received, await publicKey())).toBe(true)
  expect(await isSigned({ ...(request as Received), body: `${request?.body} ` }, await publicKey())).toBe(false)
  const { metadata, status } = await getAgentJob(namespace, 'hello')
  const [run] = (status?.runs ?? []) as [Run]
  expect(request?.headers['webhook-id']).toBe(run.uid as string)
  expect(request?.headers['content-type']).toBe('application/json')
  expect(JSON.parse(request?.body ?? '')).toEqual({
    type: 'agentjob.run.ended',
    timestamp: run.completionTime,
    data: {
      ...{ namespace, name: 'hello', uid: metadata.uid },
      run: {
        ...{ jobName: run.jobName, uid: run.uid, phase: 'Succeeded', revision: run.revision, attempts: 1, exitCode: 0 },
        ...{ startTime: run.startTime, completionTime: run.completionTime, result: 'done' },
      },
    },
  })
  await patch(namespace, 'hello', { spec: { notify: { phases: ['Failed'] } } })
  await patch(namespace, 'hello', { spec: { notify: null } })
  await aWhile()
  expect(await jobNames(namespace)).toEqual([run.jobName])
  expect(receiver.at(path)).toHaveLength(1)
})

withPods('of ends that nobody asked for nothing is told, nor of one before somebody did', async () => {
  const { namespace, path } = await place()
  const notify = { url: urlOf(path), phases: ['TimedOut'] }
  await apply(namespace, [agentJob('other', { notify, prompt: 'echo: exit 3' }), agentJob('before')])
  await untilPhase(namespace, 'other', 'Failed')
  await untilPhase(namespace, 'before', 'Succeeded')
  for (const name of ['other', 'before'])
    await patch(namespace, name, { spec: { notify: { url: urlOf(path), phases: null } } })
  await aWhile()
  expect(receiver.at(path)).toEqual([])
  for (const name of ['other', 'before']) expect(await notificationOf(namespace, name)).toBeUndefined()
})

withPods('what a receiver cannot take now it is sent again, under the same id', async () => {
  const { namespace, path } = await place()
  receiver.answer(path, 503)
  await apply(namespace, agentJob('again', { notify: { url: urlOf(path) }, prompt: 'echo: exit 3' }))
  await untilReceived(path, 1)
  expect(await notificationOf(namespace, 'again')).toEqual({ state: 'Pending', since: expect.any(String) as never })
  receiver.answer(path, 202)
  expect(await untilNotified(namespace, 'again', 'Delivered')).toMatchObject({ code: 202 })
  const received = receiver.at(path)
  expect(received.length).toBeGreaterThan(1)
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  for (const request of received) expect(await isSigned(request, await publicKey())).toBe(true)
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
    data: { run: { phase: 'Failed', exitCode: 3, message: 'the agent exited with code 3' } },
  })
})

withPods('a redirect is not followed; what is given up is told, and nothing of the answer but its status', async () => {
  const { namespace, path } = await place()
  receiver.answer(path, 307, { location: urlOf(`${path}/other`) })
  await apply(namespace, agentJob('redirected', { notify: { url: urlOf(path) } }))
  const message = 'its receiver answered 307, and redirects are not followed'
  expect(await untilNotified(namespace, 'redirected', 'Failed')).toMatchObject({ code: 307, message })
  expect([receiver.at(path).length, receiver.at(`${path}/other`).length]).toEqual([1, 0])
  const { stdout } = await eventually(
    'an event',
    () => agentjob(['explain', 'redirected', '-n', namespace]),
    ({ stdout }) => stdout.includes('NotifyFailed'),
  )
  expect(stdout).toContain(`ago: ${message}`)
  const all = await kubectl(['get', 'aj,events', '-n', namespace, '-o', 'json'])
  expect(all.stdout).toContain(message)
  expect(all.stdout).not.toContain('nobody but the receiver')
})

withPods('a host that the settings do not name is refused, and nothing is sent to it by another way', async () => {
  const { namespace, path } = await place()
  const elsewhere = { url: `https://${cluster.hostAddress}${path}` }
  expect(await refusal(namespace, agentJob('elsewhere', { notify: elsewhere }))).toContain(
    `spec.notify.url: notifications to https://${cluster.hostAddress} are not allowed; have "${cluster.hostAddress}" added to notify.hosts of the operator's settings, or to notify.privateHosts where it is in a private network, or take another URL`,
  )
  // the metadata of a cloud, the API server, this host, in plain HTTP
  const urls = [
    'http://169.254.169.254/',
    `${cluster.server}/api`,
    'https://kubernetes.default.svc/',
    'https://127.0.0.1/',
  ]
  for (const url of [...urls, `http://${receiver.host}${path}`])
    expect(await refusal(namespace, agentJob('elsewhere', { notify: { url } }))).toContain('are not allowed')
  // the CRD's own rules
  const credentials = { url: `https://user@${receiver.host}${path}` }
  expect(await refusal(namespace, agentJob('elsewhere', { notify: credentials }))).toContain('spec.notify.url')
  await withoutAdmission(async () => {
    await apply(namespace, agentJob('unadmitted', { notify: elsewhere }))
  })
  await untilPhase(namespace, 'unadmitted', 'Succeeded')
  expect(await untilNotified(namespace, 'unadmitted', 'Failed')).toMatchObject({
    message: "the operator's settings do not allow its host",
  })
  expect(receiver.at(path)).toEqual([])
})

withPods(
  'who is slow to answer holds up nobody, and an operator that was killed meanwhile tells it again',
  async () => {
    const { namespace, path } = await place()
    receiver.answer(path, 'never')
    await apply(namespace, agentJob('slow', { notify: { url: urlOf(path) } }))
    await untilReceived(path, 1)
    await apply(namespace, agentJob('quick'))
    await untilPhase(namespace, 'quick', 'Succeeded')
    expect(await notificationOf(namespace, 'slow')).toMatchObject({ state: 'Pending' })
    await stopOperator('SIGKILL')
    receiver.answer(path, 200)
    const before = receiver.at(path).length
    await startOperatorAgain(allowing)
    await untilNotified(namespace, 'slow', 'Delivered')
    const received = receiver.at(path)
    expect(received.length).toBe(before + 1)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  },
)

withPods('a run that ends while nobody is there to see it is told all the same', async () => {
  const { namespace, path } = await place()
  await apply(namespace, agentJob('unseen', { notify: { url: urlOf(path) }, prompt: `${WAITS}\necho: result done` }))
  await untilPhase(namespace, 'unseen', 'Running')
  await stopOperator('SIGKILL')
  await goOn(namespace)
  await eventually(
    'the Job has ended',
    () => kubectl(['get', 'jobs', '-n', namespace, '-o', 'jsonpath={.items[*].status.succeeded}']),
    ({ stdout }) => stdout === '1',
  )
  await startOperatorAgain(allowing)
  await untilNotified(namespace, 'unseen', 'Delivered')
  expect(receiver.at(path)).toHaveLength(1)
})
