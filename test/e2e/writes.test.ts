import { expect, test } from 'bun:test'
import {
  agentJob,
  apply,
  aWhile,
  echoRuntime,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('server-side apply runs once, and a second one without a change writes nothing', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task')], ['--server-side'])
  const before = await untilPhase(namespace, 'task', 'Succeeded')
  await aWhile()
  const { metadata } = await getAgentJob(namespace, 'task')
  await apply(namespace, [echoRuntime(), agentJob('task')], ['--server-side'])
  await aWhile()
  const after = await getAgentJob(namespace, 'task')
  expect(after.metadata.resourceVersion).toBe(metadata.resourceVersion as string)
  expect(after.metadata.generation).toBe(before.metadata.generation as number)
  expect(await jobNames(namespace)).toHaveLength(1)
})

withPods('server-side apply of a change runs again, without a conflict', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [echoRuntime(), agentJob('task')], ['--server-side'])
  await untilPhase(namespace, 'task', 'Succeeded')
  await apply(namespace, agentJob('task', { prompt: 'echo: result changed' }), ['--server-side'])
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  expect(status?.result).toBe('changed')
  expect(await jobNames(namespace)).toHaveLength(2)
})

withPods('kubectl replace loses nothing, and runs again only what it changes', async () => {
  const namespace = await newNamespace()
  const replace = async (job: object) => {
    const { code, stderr } = await kubectl(['replace', '-n', namespace, '-f', '-'], JSON.stringify(job))
    expect(`${code} ${stderr}`).toBe('0 ')
  }
  await apply(namespace, [echoRuntime(), agentJob('task')])
  const before = await untilPhase(namespace, 'task', 'Succeeded')
  await replace(agentJob('task'))
  await aWhile()
  const same = await untilPhase(namespace, 'task', 'Succeeded')
  expect(same.expansion).toEqual(before.expansion)
  expect(same.status?.runs).toEqual(before.status?.runs)
  expect(await jobNames(namespace)).toHaveLength(1)
  await replace(agentJob('task', { prompt: 'echo: result changed' }))
  const { status } = await untilPhase(namespace, 'task', 'Succeeded')
  expect(status?.runs?.map(({ result }) => result)).toEqual(['changed', 'done'])
  expect(await jobNames(namespace)).toHaveLength(2)
})

withPods(
  'kubectl edit of what the API server gave, expansion and status included, changes only what was edited',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob('task')])
    const before = await untilPhase(namespace, 'task', 'Succeeded')
    const { stdout } = await kubectl(['get', 'aj', 'task', '-n', namespace, '-o', 'json'])
    const edited = JSON.parse(stdout)
    edited.metadata.labels = { team: 'blue' }
    edited.expansion.resources = []
    edited.status.phase = 'Failed'
    const { code } = await kubectl(['replace', '-n', namespace, '-f', '-'], JSON.stringify(edited))
    expect(code).toBe(0)
    await aWhile()
    const after = await untilPhase(namespace, 'task', 'Succeeded')
    expect(after.metadata.labels).toEqual({ team: 'blue' })
    expect(after.expansion).toEqual(before.expansion)
    expect(await jobNames(namespace)).toHaveLength(1)
  },
)

withPods('each object made with generateName gets a name of its own, and runs', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const manifest = agentJob('', {}, { name: undefined, generateName: 'task-' })
  const create = () => kubectl(['create', '-n', namespace, '-o', 'name', '-f', '-'], JSON.stringify(manifest))
  const names = (await Promise.all([create(), create()])).map(({ stdout }) => stdout.trim().split('/')[1] ?? '')
  expect(new Set(names).size).toBe(2)
  for (const name of names) {
    expect(name).toMatch(/^task-[0-9a-f]{8}$/)
    const { status } = await untilPhase(namespace, name, 'Succeeded')
    expect(status?.jobName).toStartWith(`${name}-`)
  }
  expect(await jobNames(namespace)).toHaveLength(2)
})

test.concurrent('a server-side dry run shows what would be made, and makes nothing', async () => {
  const namespace = await newNamespace()
  const args = ['--dry-run=server', '-o', 'json']
  await apply(namespace, echoRuntime())
  const { stdout } = await apply(namespace, agentJob('task', { persist: true }), args)
  expect(JSON.parse(stdout).expansion.resources.map(({ kind }: { kind: string }) => kind)).toEqual([
    'PersistentVolumeClaim',
    'Job',
  ])
  await aWhile()
  expect((await kubectl(['get', 'aj,jobs,pvc', '-n', namespace, '-o', 'name'])).stdout).toBe('')
})
