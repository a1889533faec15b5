import { expect, test } from 'bun:test'
import { LIBRARY } from '../operator/install.ts'
import { SETTINGS } from '../operator/operator.ts'
import { registered, startReplica } from './operators.ts'
import { AUTHOR, grant, may, newUser, type Rule } from './users.ts'
import {
  agentJob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  namesOf,
  newNamespace,
  patch,
  refusal,
  theWorld,
  untilPhase,
} from './world.ts'

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)
let made = 0

/** A name that no other test uses in the library, which all share. */
const shared = () => `shared-${Date.now().toString(36)}-${made++}`
const versioned = (name: string, value: string) => echoRuntime(name, { env: [{ name: 'VERSION', value }] })

/** The version that the Job of an expansion would run. */
async function version(namespace: string, name = 'mine'): Promise<string | undefined> {
  const { expansion } = await getAgentJob(namespace, name)
  return /"name":"VERSION","value":"(\w+)"/.exec(JSON.stringify(expansion?.resources))?.[1]
}

const untilVersion = (namespace: string, wanted: string) =>
  eventually(
    `version ${wanted}`,
    () => version(namespace),
    (found) => found === wanted,
  )

withPods('what a namespace does not have is taken from the library', async () => {
  const [namespace, name] = [await newNamespace(), shared()]
  await apply(LIBRARY, versioned(name, 'library'))
  await apply(namespace, agentJob('mine', { runtimeRef: name, prompt: 'echo: env VERSION' }))
  await untilPhase(namespace, 'mine', 'Succeeded')
  const { expansion } = await getAgentJob(namespace, 'mine')
  expect(expansion?.references.map(({ namespace, hash }) => [namespace, hash !== ''])).toEqual([
    [namespace, false],
    [LIBRARY, true],
  ])
  expect(await version(namespace)).toBe('library')
})

test.concurrent('a local object comes before the one of the library, whenever it is made, and until it goes', async () => {
  const [namespace, name] = [await newNamespace(), shared()]
  await apply(LIBRARY, versioned(name, 'library'))
  await apply(namespace, agentJob('mine', { runtimeRef: name, suspend: true }))
  await untilVersion(namespace, 'library')
  await apply(namespace, versioned(name, 'local'))
  await untilVersion(namespace, 'local')
  await apply(LIBRARY, versioned(name, 'newer'))
  await aWhile()
  expect(await version(namespace)).toBe('local')
  await kubectl(['delete', 'agentruntime', name, '-n', namespace])
  await untilVersion(namespace, 'newer')
})

test.concurrent('a change in the library reaches the AgentJobs of every namespace', async () => {
  const [one, other, name] = [await newNamespace(), await newNamespace(), shared()]
  await apply(LIBRARY, versioned(name, 'first'))
  for (const namespace of [one, other]) await apply(namespace, agentJob('mine', { runtimeRef: name, suspend: true }))
  await apply(LIBRARY, versioned(name, 'second'))
  for (const namespace of [one, other]) await untilVersion(namespace, 'second')
})

test.concurrent('what stands in another namespace than the library is not found', async () => {
  const [namespace, other, name] = [await newNamespace(), await newNamespace(), shared()]
  await apply(other, echoRuntime(name))
  const { stderr } = await apply(namespace, agentJob('mine', { runtimeRef: name }))
  expect(stderr).toContain(`there is no AgentRuntime "${name}" in namespace ${namespace} or in the library namespace`)
})

const KEEPER: Rule = { ...AUTHOR, resources: ['clusteraccesses'] }
const READ: Rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }

test.concurrent('who writes a ClusterAccess into the library must hold its rights in all namespaces', async () => {
  const name = shared()
  const object = { ...clusterAccess(), metadata: { name } }
  const user = await newUser(LIBRARY, KEEPER, READ)
  expect(await refusal(LIBRARY, object, ['--as', user])).toContain('get configmaps in all namespaces')
  await grant(user, undefined, READ)
  await apply(LIBRARY, object, ['--as', user])
})

test.concurrent("a ClusterAccess of the library gives rights in the AgentJob's namespace, to those who may use it there", async () => {
  const [namespace, name] = [await newNamespace(), shared()]
  await apply(LIBRARY, { ...clusterAccess(), metadata: { name } })
  await apply(namespace, echoRuntime())
  const user = await newUser(namespace, AUTHOR)
  const job = agentJob('mine', { clusterAccessRef: name, suspend: true })
  expect(await refusal(namespace, job, ['--as', user])).toContain(`may not use ClusterAccess "${name}"`)
  await grant(user, LIBRARY, { ...KEEPER, verbs: ['use'], resourceNames: [name] })
  await apply(namespace, job, ['--as', user])
  const account = `system:serviceaccount:${namespace}:mine-runner`
  await eventually(
    'the right',
    () => may(account, namespace, READ),
    (has) => has,
  )
  expect(await may(account, LIBRARY, READ)).toBe(false)
})

test.concurrent('a local ClusterAccess in the place of one of the library is not granted by the right to that one', async () => {
  const [namespace, name] = [await newNamespace(), shared()]
  const account = `system:serviceaccount:${namespace}:mine-runner`
  await apply(LIBRARY, { ...clusterAccess(), metadata: { name } })
  await apply(namespace, echoRuntime())
  const user = await newUser(namespace, AUTHOR)
  await grant(user, LIBRARY, { ...KEEPER, verbs: ['use'], resourceNames: [name] })
  await apply(namespace, agentJob('mine', { clusterAccessRef: name, suspend: true }), ['--as', user])
  await eventually(
    'the right',
    () => may(account, namespace, READ),
    (has) => has,
  )
  const wider = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }
  await apply(namespace, { ...clusterAccess(), metadata: { name }, spec: { rules: [wider] } })
  await eventually(
    'revocation',
    () => may(account, namespace, READ),
    (has) => !has,
  )
  expect(await may(account, namespace, wider)).toBe(false)
})

test('with missingReferences: Deny an AgentJob that names a missing object is refused; one that has lost it waits', async () => {
  const [namespace, { operator }] = [await newNamespace(), await theWorld()]
  await apply(namespace, [echoRuntime(), agentJob('mine', { suspend: true })])
  const settings = { ...SETTINGS, missingReferences: 'Deny' }
  const strict = await startReplica({ name: 'strict', only: 'webhook', settings })
  try {
    await registered(strict)
    const said = await refusal(namespace, agentJob('other', { runtimeRef: 'none', roleRef: 'none' }))
    expect(said).toMatch(/spec.runtimeRef: there is no AgentRuntime "none".*; create it first/)
    expect(said).toContain('spec.roleRef: there is no AgentRole "none"')
    await kubectl(['delete', 'agentruntime', 'echo', '-n', namespace])
    await patch(namespace, 'mine', { metadata: { labels: { looked: 'at' } } })
    await eventually(
      'the loss in the status',
      () => getAgentJob(namespace, 'mine'),
      ({ status }) => status?.reason === 'ReferenceNotFound',
    )
    await apply(namespace, [echoRuntime(), agentJob('mine')])
    await eventually(
      'the run',
      () => jobNames(namespace),
      (names) => names.length === 1,
    )
  } finally {
    await registered(operator)
    await strict.stop()
  }
  expect(await namesOf(namespace, 'cronjobs')).toEqual([])
})
