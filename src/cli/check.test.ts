import { describe, expect, test } from 'bun:test'
import { expand } from '../expand/expand.ts'
import { inputFor } from '../expand/fixtures.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { untilExpanded, whyNot } from './check.ts'

const job = (expansion?: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name: 'check-1', namespace: 'agents' },
  ...(expansion && { expansion }),
})
const says = (code: number, message: string, reason = '') => new ApiError(code, { code, message, reason })
const DENIED = 'admission webhook "mutate.agentjob.io" denied the request: '

const cases: { name: string; answer: unknown; want: string | undefined }[] = [
  { name: 'an expansion', answer: job({ signature: 'eyJ' }), want: undefined },
  { name: 'none', answer: job(), want: 'AgentJobs are stored as they come: no webhook is asked in namespace agents' },
  { name: 'one without a signature', answer: job({}), want: 'AgentJobs are stored as they come' },
  {
    name: 'our own refusal of what names nothing',
    answer: says(422, `${DENIED}spec.runtimeRef: there is no AgentRuntime "none" in namespace agents; create it first`),
    want: undefined,
  },
  {
    name: 'a bug of ours',
    answer: says(500, `${DENIED}agentjob could not decide on this request; its log says why`),
    want: 'agentjob could not decide on this request',
  },
  {
    name: 'nobody who answers',
    answer: says(500, 'failed calling webhook "mutate.agentjob.io": no endpoints available', 'InternalError'),
    want: 'failed calling webhook "mutate.agentjob.io": no endpoints available',
  },
  {
    name: 'no CRDs',
    answer: says(404, 'the server could not find the requested resource'),
    want: 'this cluster does not know AgentJobs yet',
  },
  { name: 'no namespace', answer: says(404, 'namespaces "agents" not found'), want: 'namespaces "agents" not found' },
  {
    name: 'no rights',
    answer: says(403, 'agentjobs.agentjob.io is forbidden'),
    want: 'agentjobs.agentjob.io is forbidden',
  },
  { name: 'no API server', answer: new TransportError('refused'), want: 'the API server cannot be reached: refused' },
]

describe('what is the matter', () => {
  for (const { name, answer, want } of cases)
    test(name, () => {
      const reason = whyNot(answer)
      if (want === undefined) expect(reason).toBeUndefined()
      else expect(reason).toContain(want)
    })
})

test('what is no answer at all is thrown', () => expect(() => whyNot(new TypeError('bug'))).toThrow('bug'))

/** Asks a cluster that gives these answers one after the other, and the last one for ever. */
async function ask(answers: unknown[], timeoutMs?: number) {
  const told: string[] = []
  const asked: unknown[] = []
  const create = async (_: unknown, object: unknown, o: unknown) => {
    asked.push([object, o])
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer instanceof Error) throw answer
    return answer
  }
  const cluster = { client: { create } as never, namespace: 'agents' }
  const end = untilExpanded(cluster, { timeoutMs, tell: (words) => told.push(words), pauseMs: 1 })
  const failure = await end.then(
    () => undefined,
    (error: unknown) => error,
  )
  return { told, asked, failure }
}

test('it goes on until admission answers, and stores nothing', async () => {
  const { told, asked, failure } = await ask([
    says(404, 'not found'),
    says(500, 'failed calling webhook'),
    job({ signature: 'a' }),
  ])
  expect(failure).toBeUndefined()
  expect(told).toEqual(['this cluster does not know AgentJobs yet', 'failed calling webhook'])
  expect(asked).toHaveLength(3)
  for (const one of asked) expect(one).toMatchObject([{ metadata: { namespace: 'agents' } }, { dryRun: true }])
})

test('no AgentQuota refuses what is asked', async () => {
  const { asked } = await ask([job({ signature: 'a' })])
  const [[{ spec }]] = asked as [[{ spec: object }]]
  const quota = { maxTimeoutSeconds: 1, allowedRuntimes: ['a'], allowedModels: ['a'], allowedImages: ['a'] }
  expect(expand(inputFor(spec, { 'AgentQuota/team': quota })).errors).toEqual([])
})

test('it ends with the last reason when the time is up', async () => {
  const { failure } = await ask([says(500, 'failed calling webhook')], 20)
  expect(failure).toMatchObject({ lines: ['the time was up; failed calling webhook'], exitCode: 3 })
})

test('it looks once where there is no time', async () => {
  expect(await ask([job()], 0)).toMatchObject({ told: [], asked: [expect.anything()], failure: { exitCode: 1 } })
  expect(await ask([new TransportError('refused')], 0)).toMatchObject({ failure: { exitCode: 5 } })
})
