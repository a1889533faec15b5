import { expect, test } from 'bun:test'
import { AUTHOR, newUser, type Rule } from './users.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  patch,
} from './world.ts'

// What somebody who has a namespace of his own might try against another's.

const ALL: Rule[] = [
  AUTHOR,
  { apiGroups: ['', 'batch', 'agentjob.io', 'events.k8s.io'], resources: ['*'], verbs: ['*'] },
  { apiGroups: ['batch'], resources: ['jobs/status'], verbs: ['*'] },
]

/** A suspended AgentJob in one namespace, and mallory, who may do everything in another. */
async function neighbours() {
  const [ours, theirs] = [await newNamespace(), await newNamespace()]
  const mallory = await newUser(theirs, ...ALL)
  await apply(ours, [echoRuntime(), agentJob('mine', { suspend: true })])
  const job = await eventually(
    'a status',
    () => getAgentJob(ours, 'mine'),
    ({ status }) => status?.phase === 'Suspended',
  )
  return { ours, theirs, mallory, job }
}

/** A finished Job that claims to be the run of an AgentJob. */
const claim = ({ expansion }: AgentJobObject, owned: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: `mine-${expansion?.revision}`,
    labels: { 'app.kubernetes.io/managed-by': 'agentjob', 'agentjob.io/agentjob': 'mine', ...labelsOf(owned) },
    annotations: { 'agentjob.io/revision': expansion?.revision },
    ...('ownerReferences' in owned ? owned : {}),
  },
  spec: {
    suspend: true,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'agent', image: 'forged' }] } },
  },
})
const labelsOf = (owned: object) => ('labels' in owned ? (owned.labels as object) : {})

const CLAIMS: [string, (job: AgentJobObject) => object][] = [
  ['label', ({ metadata }) => ({ labels: { 'agentjob.io/owner-uid': metadata.uid } })],
  [
    'owner reference',
    ({ metadata, apiVersion, kind }) => ({
      ownerReferences: [{ apiVersion, kind, name: 'mine', uid: metadata.uid, controller: true }],
    }),
  ],
]

for (const [how, owned] of CLAIMS)
  test.concurrent(`a Job of another namespace that claims by ${how} to be a run is none`, async () => {
    const { ours, theirs, mallory, job } = await neighbours()
    await apply(theirs, claim(job, owned(job)), ['--as', mallory])
    await apply(ours, agentJob('mine', { suspend: true }, { labels: { looked: 'at' } }))
    await aWhile()
    const { status } = await getAgentJob(ours, 'mine')
    expect([status?.phase, status?.runs, status?.revision, status?.ownedResources]).toEqual([
      'Suspended',
      undefined,
      undefined,
      undefined,
    ])
    await patch(ours, 'mine', { spec: { suspend: false } })
    await eventually(
      'the run',
      () => jobNames(ours),
      (names) => names.length === 1,
    )
  })

test.concurrent('an Event of another namespace says nothing of a run', async () => {
  const { ours, theirs, mallory } = await neighbours()
  await kubectl(['create', 'quota', 'tight', '-n', ours, '--hard=pods=0'])
  await patch(ours, 'mine', { spec: { suspend: false } })
  const { status } = await eventually(
    'what keeps the pod away',
    () => getAgentJob(ours, 'mine'),
    ({ status }) => status?.reason === 'QuotaExceeded',
  )
  const [run] = status?.runs ?? []
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'forged' },
    eventTime: new Date(Date.now() + 60_000).toISOString().replace('Z', '000Z'),
    reportingController: 'forged',
    reportingInstance: 'forged',
    action: 'forged',
    reason: 'FailedCreate',
    type: 'Warning',
    note: 'Error creating: forged',
    regarding: { apiVersion: 'batch/v1', kind: 'Job', namespace: theirs, name: run?.jobName, uid: run?.uid },
  }
  await apply(theirs, event, ['--as', mallory])
  await patch(ours, 'mine', { metadata: { labels: { looked: 'at' } } })
  await aWhile()
  expect((await getAgentJob(ours, 'mine')).status?.message).toContain('exceeded quota')
})
