import { expect, test } from 'bun:test'
import { FETCH_IMAGE, fetchImage } from './fetching/image.ts'
import { agentJob, apply, getAgentJob, loaded, newNamespace, untilPhase } from './world.ts'

const image = await loaded(fetchImage)
const withShell = test.concurrent.skipIf(!image)

/** A shell in the place of the program, with the prompt on stdin: it says what the program would. */
const saying = (dialect: string, script: string) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name: dialect },
  spec: { image: FETCH_IMAGE, dialect, command: ['sh', '-c', script] },
})
const LONG = 'The answer. '.repeat(500)
const CLAUDE = {
  ...{ type: 'result', subtype: 'success', is_error: false, result: LONG, session_id: 'db4b', num_turns: 3 },
  total_cost_usd: 0.0123,
  usage: { input_tokens: 11, output_tokens: 7, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 },
}
const line = (value: object) => `cat > /dev/null; echo 'not JSON'; echo '${JSON.stringify(value)}'`

withShell('what a program prints of a run is its result and its usage, longer than a termination message', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [
    saying('claude-code', line(CLAUDE)),
    agentJob('asks', { runtimeRef: 'claude-code', prompt: 'What is the answer?' }),
  ])
  const { status } = await untilPhase(namespace, 'asks', 'Succeeded')
  const usage = {
    ...{ inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 },
    ...{ costUSD: '0.0123', turns: 3 },
  }
  expect(status).toMatchObject({ exitCode: 0, result: LONG, sessionId: 'db4b', usage })
  expect(status?.runs?.[0]).toMatchObject({ sessionId: 'db4b', usage })
})

withShell('a program that fails says why, with an exit code or without', async () => {
  const namespace = await newNamespace()
  const failure = { ...CLAUDE, is_error: true, result: 'API Error: 400 no credit' }
  await apply(namespace, [
    saying('claude-code', `${line(failure)}; exit 1`),
    agentJob('exits', { runtimeRef: 'claude-code', prompt: 'Go.' }),
  ])
  const { status } = await untilPhase(namespace, 'exits', 'Failed')
  expect(status).toMatchObject({ reason: 'Error', exitCode: 1 })
  expect(status?.message).toStartWith('API Error: 400 no credit; ')
  expect(status?.result).toBe('API Error: 400 no credit')
  await apply(namespace, [
    { ...saying('claude-code', line(failure)), metadata: { name: 'polite' } },
    agentJob('ends-well', { runtimeRef: 'polite', prompt: 'Go.' }),
  ])
  const polite = await untilPhase(namespace, 'ends-well', 'Failed')
  expect(polite.status).toMatchObject({ reason: 'AgentError', exitCode: 0 })
  expect(polite.status?.message).toStartWith('API Error: 400 no credit; ')
  const { status: later } = await getAgentJob(namespace, 'ends-well')
  expect(later?.phase).toBe('Failed')
})
