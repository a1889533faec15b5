import { expect, test } from 'bun:test'
import type { Expansion } from '../../src/api/expansion.ts'
import { FORGED, forged, MALFORMED } from './loot.ts'
import { AUTHOR, newUser } from './users.ts'
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
  namesOf,
  newNamespace,
} from './world.ts'

/** A suspended AgentJob, so that there is no Job but one that somebody forges, and a user who may write it. */
async function victim() {
  const namespace = await newNamespace()
  const mallory = await newUser(namespace, AUTHOR)
  await apply(namespace, [echoRuntime(), agentJob('mallory', { suspend: true })])
  const job = await eventually(
    'a status',
    () => getAgentJob(namespace, 'mallory'),
    ({ status }) => status?.phase === 'Suspended',
  )
  return { namespace, mallory, job, as: ['-n', namespace, '--as', mallory] }
}

/** The expansion is the one that it was before, and nothing was made from another. */
async function expectUnchanged(namespace: string, { expansion }: AgentJobObject) {
  await aWhile()
  expect((await getAgentJob(namespace, 'mallory')).expansion).toEqual(expansion as Expansion)
  expect(await jobNames(namespace)).toEqual([])
  expect(await namesOf(namespace, 'configmaps')).toEqual([])
  expect((await kubectl(['get', 'clusterrole', `agentjob:${namespace}:mallory`])).code).toBe(1)
}

test.concurrent('an expansion forged by a merge patch is overwritten at once', async () => {
  const { namespace, job, as } = await victim()
  const body = JSON.stringify({ expansion: forged(namespace, job.expansion) })
  const { code, stdout } = await kubectl(['patch', 'aj', 'mallory', ...as, '--type=merge', '-p', body, '-o', 'json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout).expansion).toEqual(job.expansion)
  await expectUnchanged(namespace, job)
})

test.concurrent('an expansion forged by server-side apply is overwritten at once', async () => {
  const { namespace, mallory, job } = await victim()
  const object = { ...agentJob('mallory', { suspend: true }), expansion: forged(namespace, job.expansion) }
  await apply(namespace, object, ['--server-side', '--force-conflicts', '--as', mallory])
  await expectUnchanged(namespace, job)
})

test.concurrent('an expansion forged by replace is overwritten at once', async () => {
  const { namespace, job, as } = await victim()
  const object = { ...agentJob('mallory', { suspend: true }), expansion: forged(namespace, job.expansion) }
  const { code, stderr } = await kubectl(['replace', ...as, '-f', '-'], JSON.stringify(object))
  expect([code, stderr]).toEqual([0, ''])
  await expectUnchanged(namespace, job)
})

test.concurrent('an expansion that is removed comes back at once', async () => {
  const { namespace, job, as } = await victim()
  const { code } = await kubectl(['patch', 'aj', 'mallory', ...as, '--type=merge', '-p', '{"expansion":null}'])
  expect(code).toBe(0)
  await expectUnchanged(namespace, job)
})

test.concurrent('an expansion that comes with a new object is not looked at', async () => {
  const { namespace, mallory, job } = await victim()
  const other = agentJob('other', { suspend: true })
  await apply(namespace, { ...other, expansion: forged(namespace, job.expansion) }, ['--as', mallory])
  const { expansion } = await getAgentJob(namespace, 'other')
  expect(expansion?.requester).toBe(mallory)
  expect(expansion?.resources.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
    ['Job', `other-${expansion?.revision}`],
  ])
})

test.concurrent('an expansion copied from another AgentJob is overwritten', async () => {
  const { namespace, mallory, job, as } = await victim()
  await apply(namespace, agentJob('mine', { suspend: true, prompt: 'echo: result mine' }), ['--as', mallory])
  const { expansion: copied } = await getAgentJob(namespace, 'mine')
  const body = JSON.stringify({ expansion: copied })
  expect((await kubectl(['patch', 'aj', 'mallory', ...as, '--type=merge', '-p', body])).code).toBe(0)
  await expectUnchanged(namespace, job)
})

test.concurrent('nothing is created for an object that is being deleted, whatever its expansion says', async () => {
  const { namespace, job, as } = await victim()
  const write = (body: object) => kubectl(['patch', 'aj', 'mallory', ...as, '--type=merge', '-p', JSON.stringify(body)])
  await write({ metadata: { finalizers: ['example.com/mine'] } })
  await kubectl(['delete', 'aj', 'mallory', ...as, '--wait=false'])
  // not even what it was once entitled to: nobody was asked about this write
  await write({ spec: { suspend: false } })
  expect((await write({ expansion: forged(namespace, job.expansion) })).code).toBe(0)
  const { expansion } = await getAgentJob(namespace, 'mallory')
  expect(expansion?.configHash).toBe(FORGED)
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
  expect(await namesOf(namespace, 'configmaps')).toEqual([])
  expect((await kubectl(['get', 'clusterrole', `agentjob:${namespace}:mallory`])).code).toBe(1)
  await write({ metadata: { finalizers: null } })
})

test.concurrent('whatever stands in the expansion of one object, the others go on', async () => {
  const { namespace, as } = await victim()
  const write = (body: object) => kubectl(['patch', 'aj', 'mallory', ...as, '--type=merge', '-p', JSON.stringify(body)])
  await write({ metadata: { finalizers: ['example.com/mine'] } })
  await kubectl(['delete', 'aj', 'mallory', ...as, '--wait=false'])
  for (const expansion of MALFORMED) expect((await write({ expansion })).code).toBe(0)
  await apply(namespace, agentJob('next'))
  await eventually(
    'the next run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
  await write({ metadata: { finalizers: null } })
})

for (const [how, args] of [
  ['create', ['create']],
  ['server-side apply', ['apply', '--server-side']],
] as const)
  test.concurrent(`a new object that claims to be deleted does not get past admission, by ${how}`, async () => {
    const { namespace, mallory, job, as } = await victim()
    const metadata = { name: 'late', deletionTimestamp: '2020-01-01T00:00:00Z' }
    const object = { ...agentJob('late', { suspend: true }), metadata, expansion: forged(namespace, job.expansion) }
    expect((await kubectl([...args, ...as, '-f', '-'], JSON.stringify(object))).code).toBe(0)
    const { expansion } = await getAgentJob(namespace, 'late')
    expect(expansion?.requester).toBe(mallory)
    expect(expansion?.configHash).not.toBe(FORGED)
  })

test.concurrent('who may write an AgentJob may not write its status', async () => {
  const { job, as } = await victim()
  const body = JSON.stringify({ status: { phase: 'Succeeded', revision: job.expansion?.revision } })
  const { stderr } = await kubectl([
    'patch',
    'aj',
    'mallory',
    ...as,
    '--subresource=status',
    '--type=merge',
    '-p',
    body,
  ])
  expect(stderr).toContain('Forbidden')
})
