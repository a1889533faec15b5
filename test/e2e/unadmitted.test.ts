import { expect, test } from 'bun:test'
import { forged, MALFORMED } from './loot.ts'
import { withoutAdmission } from './operators.ts'
import {
  type AgentJobObject,
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  namesOf,
  newNamespace,
  patch,
} from './world.ts'

// What is stored while admission is not asked. One after the other, because there is one registration for all.

/** An AgentJob that has been expanded and, unless it is suspended, has been started. */
async function expanded(spec: object = {}): Promise<{ namespace: string; job: AgentJobObject }> {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('mine', spec)])
  const job = await eventually(
    'the start',
    () => getAgentJob(namespace, 'mine'),
    ({ status, spec }) => (spec.suspend ? status?.phase === 'Suspended' : status?.revision !== undefined),
  )
  return { namespace, job }
}

const condition = ({ status }: AgentJobObject, type = 'Expanded') =>
  status?.conditions?.find((condition) => condition.type === type)

/** Waits for the reason of the condition Expanded. */
const untilExpanded = (namespace: string, reason: string, name = 'mine') =>
  eventually(
    `Expanded: ${reason}`,
    () => getAgentJob(namespace, name),
    (job) => condition(job)?.reason === reason,
  )

test('a forged expansion creates nothing and says so, until admission is back and makes it anew', async () => {
  const { namespace, job } = await expanded({ suspend: true })
  await withoutAdmission(async () => {
    await patch(namespace, 'mine', { expansion: forged(namespace, job.expansion) })
    const told = await untilExpanded(namespace, 'ExpansionInvalid')
    expect(condition(told)?.status).toBe('False')
    expect(told.status).toMatchObject({ phase: 'Pending', reason: 'ExpansionInvalid' })
    await aWhile()
    expect(await jobNames(namespace)).toEqual([])
    expect(await namesOf(namespace, 'configmaps')).toEqual([])
  })
  const { expansion } = await untilExpanded(namespace, 'Expanded')
  expect(expansion?.resources).toEqual(job.expansion?.resources as never)
})

test('what has run does not run again because its expansion was lost', async () => {
  const { namespace, job } = await expanded()
  await withoutAdmission(async () => {
    await patch(namespace, 'mine', { expansion: null })
    await untilExpanded(namespace, 'NotExpanded')
  })
  const { expansion } = await untilExpanded(namespace, 'Expanded')
  expect(expansion?.revision).toBe(job.expansion?.revision as string)
  await aWhile()
  expect(await jobNames(namespace)).toHaveLength(1)
})

test('the expansion of another AgentJob is worth nothing', async () => {
  const { namespace, job } = await expanded({ suspend: true })
  await apply(namespace, agentJob('other', { suspend: true }))
  const { expansion: copied } = await getAgentJob(namespace, 'other')
  await withoutAdmission(async () => {
    await patch(namespace, 'mine', { expansion: copied, spec: { suspend: false } })
    await untilExpanded(namespace, 'ExpansionInvalid')
    await aWhile()
    expect(await jobNames(namespace)).toEqual([])
  })
  await eventually(
    'the run of its own',
    () => jobNames(namespace),
    (names) => names.includes(`mine-${job.expansion?.revision}`),
  )
})

test('an expansion is worth nothing once the spec is another', async () => {
  const { namespace } = await expanded()
  const [first] = await jobNames(namespace)
  await withoutAdmission(async () => {
    await patch(namespace, 'mine', { spec: { prompt: 'echo: result another' } })
    await untilExpanded(namespace, 'ExpansionInvalid')
    await aWhile()
    expect(await jobNames(namespace)).toEqual([first as string])
  })
  const { expansion } = await untilExpanded(namespace, 'Expanded')
  await eventually(
    'the second run',
    () => jobNames(namespace),
    (names) => names.includes(`mine-${expansion?.revision}`) && names.length === 2,
  )
})

test('whatever was written in the place of an expansion, admission makes it anew', async () => {
  const { namespace, job } = await expanded({ suspend: true })
  for (const expansion of MALFORMED) {
    await withoutAdmission(async () => {
      await patch(namespace, 'mine', { expansion: null })
      await patch(namespace, 'mine', { expansion })
    })
    await eventually(
      `an expansion in place of ${JSON.stringify(expansion)}`,
      () => getAgentJob(namespace, 'mine'),
      ({ expansion }) => expansion?.revision === job.expansion?.revision,
    )
  }
})

test('an AgentJob stored without admission is expanded and runs when admission is back; nobody has asked for it', async () => {
  const namespace = await newNamespace()
  await withoutAdmission(async () => {
    await apply(namespace, [echoRuntime(), agentJob('mine')])
    const told = await untilExpanded(namespace, 'NotExpanded')
    expect(told.status).toMatchObject({ phase: 'Pending', reason: 'NotExpanded' })
    expect(await jobNames(namespace)).toEqual([])
  })
  const { expansion } = await untilExpanded(namespace, 'Expanded')
  expect(expansion?.requester).toBe('')
  await eventually(
    'its run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
})

test('a ClusterAccess that nobody was seen to ask for is forbidden, until somebody entitled changes the spec', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), clusterAccess()])
  await withoutAdmission(async () => {
    await apply(namespace, agentJob('mine', { clusterAccessRef: 'namespace' }))
    await untilExpanded(namespace, 'NotExpanded')
  })
  const told = await untilExpanded(namespace, 'Forbidden')
  expect(told.status).toMatchObject({ phase: 'Pending', reason: 'Forbidden' })
  expect(condition(told, 'Stalled')?.status).toBe('True')
  await aWhile()
  expect([await namesOf(namespace, 'roles'), await jobNames(namespace)]).toEqual([[], []])
  await patch(namespace, 'mine', { spec: { prompt: 'echo: result mine' } })
  await eventually(
    'its run',
    () => jobNames(namespace),
    (names) => names.length === 1,
  )
  expect(await namesOf(namespace, 'roles')).toEqual(['mine-runner'])
})

test('who was entitled to a ClusterAccess is not so for a spec that somebody else wrote unseen', async () => {
  const namespace = await newNamespace()
  const spec = { clusterAccessRef: 'namespace', suspend: true }
  await apply(namespace, [echoRuntime(), clusterAccess(), agentJob('mine', spec)])
  await untilExpanded(namespace, 'Expanded')
  await withoutAdmission(async () => {
    await patch(namespace, 'mine', { spec: { prompt: 'echo: result smuggled', suspend: false } })
    await untilExpanded(namespace, 'ExpansionInvalid')
  })
  const { expansion } = await untilExpanded(namespace, 'Forbidden')
  expect(expansion?.requester).toBe('')
  await eventually(
    'the end of the rights',
    () => namesOf(namespace, 'rolebindings'),
    (names) => names.length === 0,
  )
  await aWhile()
  expect(await jobNames(namespace)).toEqual([])
})

test('what admission would have refused never runs, and its status says what is wrong', async () => {
  const namespace = await newNamespace()
  await withoutAdmission(async () => {
    await apply(namespace, [echoRuntime(), agentJob('mine', { schedule: '99 * * * *', timezone: 'Mars/Olympus' })])
    await untilExpanded(namespace, 'NotExpanded')
  })
  const { status } = await untilExpanded(namespace, 'Invalid')
  expect(status).toMatchObject({ phase: 'Pending', reason: 'Invalid' })
  expect(status?.message).toContain('spec.schedule')
  expect(status?.message).toContain('spec.timezone')
  expect(await namesOf(namespace, 'cronjobs')).toEqual([])
  await patch(namespace, 'mine', { spec: { schedule: '9 * * * *', timezone: 'Etc/UTC' } })
  await eventually(
    'the schedule',
    () => namesOf(namespace, 'cronjobs'),
    (names) => names.length === 1,
  )
})
