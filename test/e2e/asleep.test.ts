import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startOperatorAgain, stopOperator } from './operators.ts'
import {
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  goOn,
  jobNames,
  newNamespace,
  theWorld,
  untilPhase,
  WAITS,
} from './world.ts'

// The operator is stopped and goes on with all its connections: what it slept through reaches it at once.

const withPods = test.skipIf(!(await theWorld()).cluster.pods)

// who sleeps for longer than its lease begins anew, and finds what there is then
beforeAll(async () => {
  await stopOperator()
  await startOperatorAgain({ leaseDuration: 300 })
})
afterAll(async () => {
  await stopOperator()
  await startOperatorAgain()
})

async function whileAsleep(happens: () => Promise<unknown>): Promise<void> {
  const { operator } = await theWorld()
  operator.signal('SIGSTOP')
  try {
    await happens()
  } finally {
    operator.signal('SIGCONT')
  }
}

withPods('a run that ended and was removed while the operator slept has its outcome told all the same', async () => {
  const namespace = await newNamespace()
  const spec = { prompt: `${WAITS}\necho: result not missed`, ttlSecondsAfterFinished: 0 }
  await apply(namespace, [echoRuntime(), agentJob('brief', spec)])
  await untilPhase(namespace, 'brief', 'Running')
  await whileAsleep(async () => {
    await goOn(namespace)
    await eventually(
      'the Job is gone',
      () => jobNames(namespace),
      (names) => names.length === 0,
    )
  })
  // of the Job one watch tells and of its pod another, in any order
  const { status } = await eventually(
    'the exit code is told',
    () => getAgentJob(namespace, 'brief'),
    ({ status }) => status?.exitCode !== undefined,
  )
  expect(status).toMatchObject({ phase: 'Succeeded', result: 'not missed', exitCode: 0 })
  expect(status?.runs).toHaveLength(1)
})
