import { afterAll, expect, test } from 'bun:test'
import { scripted } from '../../../test/kube/scripted.ts'
import { createClient } from '../../kube/client.ts'
import { createTransport } from '../../kube/transport.ts'
import { collect } from './collect.ts'
import { ended, event, factsOf, failed, NOW, POD } from './testdata/objects.ts'

/* An API server of a few answers, the same for every request of a path. */

const given = factsOf({ job: failed, pod: ended(3, 'Error') })
const labels = { 'batch.kubernetes.io/job-name': failed.metadata.name, 'batch.kubernetes.io/controller-uid': 'j1' }
const own = { ...given.pod, metadata: { ...given.pod?.metadata, labels } }
const stranger = {
  ...own,
  metadata: { ...own.metadata, name: 'z', labels: { ...labels, [Object.keys(labels)[1]!]: 'j0' } },
}
const list = (...items: unknown[]) => ({ metadata: {}, items })
const forbidden = { kind: 'Status', code: 403, reason: 'Forbidden', message: 'pods is forbidden: User "carol" cannot' }

const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers) close()
})

/** Reads from a server that has these answers, and says 403 to all else. */
async function read(answers: Record<string, unknown>) {
  const server = await scripted(({ path }, answer) => {
    const body = answers[path]
    answer.json(body ? 200 : 403, body ?? forbidden)
  })
  const transport = createTransport(server.connection)
  closers.push(
    () => transport.close(),
    () => void server.close(),
  )
  const facts = await collect({ client: createClient(transport), namespace: 'team' }, 'hello', ' -n team', NOW)
  return { facts, requests: server.requests }
}

const AGENT_JOB = '/apis/agentjob.io/v1alpha1/namespaces/team/agentjobs/hello'
const LOG = `/api/v1/namespaces/team/pods/${POD}/log`

test('all there is of the newest run: its pod and no other, its events, the end of its log', async () => {
  const said = event('Job hello', 'Normal', 'SuccessfulCreate', 'Created pod', 3)
  const { facts, requests } = await read({
    [AGENT_JOB]: given.job,
    '/api/v1/namespaces/team/pods': list(stranger, own),
    '/api/v1/namespaces/team/events': list(said),
    [LOG]: 'no such branch\n\nbye\n',
  })
  expect(facts).toMatchObject({ jobName: failed.metadata.name, flags: ' -n team', unread: [] })
  expect(facts.pod?.metadata.name).toBe(POD)
  expect(facts.log).toEqual({ container: 'agent', lines: ['no such branch', 'bye'] })
  const selectors = requests.map(({ query }) => query.get('fieldSelector')).filter((one) => one !== null)
  expect(selectors.toSorted()).toEqual([
    'involvedObject.kind=AgentJob,involvedObject.name=hello,involvedObject.uid=u1',
    'involvedObject.kind=Job,involvedObject.name=hello-8d1f2c44,involvedObject.uid=j1',
    `involvedObject.kind=Pod,involvedObject.name=${POD},involvedObject.uid=p1`,
  ])
  expect(facts.events).toHaveLength(3)
})

test('what may not be read is left out, and named once', async () => {
  const { facts } = await read({ [AGENT_JOB]: given.job })
  expect(facts).toMatchObject({ pod: undefined, events: [], log: undefined })
  expect(facts.unread.toSorted()).toEqual([`events: ${forbidden.message}`, `pods: ${forbidden.message}`])
})

test('a sidecar that ended badly after its agent is not what failed', async () => {
  const pod = structuredClone(own)
  const state = { terminated: { exitCode: 137, finishedAt: '2026-05-04T09:20:01Z' } }
  Object.assign(pod.status ?? {}, { initContainerStatuses: [{ name: 'outputs', state }] })
  const { facts } = await read({ [AGENT_JOB]: given.job, '/api/v1/namespaces/team/pods': list(pod), [LOG]: 'bye\n' })
  expect(facts.log).toEqual({ container: 'agent', lines: ['bye'] })
})
