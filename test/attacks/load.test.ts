import { expect, test } from 'bun:test'
import type { KubeObject } from '../../src/kube/object.ts'
import { agentJob, aWhile, eventually, jobNames, theWorld } from '../e2e/world.ts'
import {
  asks,
  denied,
  newTenant,
  type Outcome,
  ofKind,
  patches,
  served,
  type Tenant,
  theTenant,
  tries,
} from './tenant.ts'

/*
 * Wanted: that others wait. What is bounded is what the operator spends, in the time of its own processor and in
 * requests: how long an answer takes says more of the machine.
 */

/** Seconds of a processor for one admission. */
const MAX_SECONDS = 1.5
/** How much larger the operator may have become. */
const MAX_GROWTH = 300 * 1024 * 1024
/** Requests to the API server for one admission: ConfigMaps aside, 32 objects that no cache has, and what else goes on. */
const MAX_READS = 40

/** A number that the operator tells of itself. */
async function metric(pattern: RegExp): Promise<number> {
  const { operator } = await theWorld()
  const text = await (await fetch(`${operator.health}/metrics`)).text()
  const lines = text.split('\n').filter((line) => pattern.test(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').pop()), 0)
}
const memory = () => metric(/^process_resident_memory_bytes /)
const spent = () => metric(/^process_cpu_seconds_total /)
const requests = (method: string) => metric(new RegExp(`^rest_client_requests_total\\{.*method="${method}"`))

/** By how much a number grows while something is done. */
async function growth(number: () => Promise<number>, work: () => Promise<unknown>): Promise<number> {
  const before = await number()
  await work()
  return (await number()) - before
}

// Large objects

const nested = (depth: number): object => {
  let value: object = {}
  for (let level = 0; level < depth; level++) value = { a: value }
  return value
}
const many = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]))
const tooMany = (path: string) => denied(`${path}: has 5000 entries; at most 1024 are ever possible`)
// as many as the API server itself takes in less than a second
const LARGE: { name: string; spec: object; words: string }[] = [
  {
    name: 'a prompt of 2.5 MB',
    spec: { prompt: 'x'.repeat(2_500_000) },
    words: denied('spec.prompt: must have at most 786432 characters'),
  },
  {
    name: 'a pod that is nested 2,000 levels deep',
    spec: { podTemplate: { spec: { affinity: nested(2000) } } },
    words: denied('spec.podTemplate.spec.affinity…: is nested more than 64 levels deep'),
  },
  {
    name: 'a pod with 5,000 fields',
    spec: { podTemplate: { spec: many(5000) } },
    words: tooMany('spec.podTemplate.spec'),
  },
  {
    name: '5,000 labels',
    spec: { podTemplate: { metadata: { labels: many(5000, 'x') } } },
    words: tooMany('spec.podTemplate.metadata.labels'),
  },
  {
    name: '5,000 names of objects',
    spec: { mcpServerRefs: Array.from({ length: 5000 }, (_, index) => `m${index}`) },
    words: tooMany('spec.mcpServerRefs'),
  },
]

for (const { name, spec, words } of LARGE)
  test(`${name}: refused at once`, async () => {
    const mallory = await theTenant()
    let refused: string | undefined
    const seconds = await growth(spent, async () => {
      refused = (await asks(mallory, agentJob('mine', spec))).refused
    })
    expect(refused).toStartWith(words)
    expect(refused?.length).toBeLessThan(3000)
    expect(seconds).toBeLessThan(MAX_SECONDS)
  })

test('what is more than the API server takes does not reach admission', async () => {
  const { refused } = await asks(await theTenant(), agentJob('mine', { prompt: 'x'.repeat(3_200_000) }))
  expect(refused).toContain('Request entity too large: limit is 3145728')
})

const names = (count: number) => Array.from({ length: count }, (_, index) => `missing-${index}`)
/** All names that there is room for, of which none leads anywhere. */
const NAMES = {
  contexts: names(32).map((name) => ({ name })),
  ...{ mcpServerRefs: names(64), repositoryRefs: names(64), skillRefs: names(64) },
}

test('an AgentJob with 225 names that lead nowhere makes the operator read a few of them', async () => {
  const mallory = await theTenant()
  let answer: Outcome | undefined
  const reads = await growth(
    () => requests('GET'),
    async () => {
      answer = await asks(mallory, agentJob('mine', NAMES))
    },
  )
  expect(answer?.refused).toBeUndefined()
  expect(answer?.object?.expansion?.problems).toHaveLength(224)
  expect(reads).toBeLessThan(MAX_READS)
})

test('many AgentJobs, as large as they can be, at the same time: others are answered, and memory stays', async () => {
  const [mallory, victim] = [await theTenant(), await newTenant()]
  const heavy = agentJob('mine', { ...NAMES, prompt: 'x'.repeat(200_000), env: names(256).map((name) => ({ name })) })
  await asks(mallory, heavy)
  const before = await memory()
  let going = true
  const storm = Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let round = 0; round < 6; round++) await asks(mallory, heavy)
    }),
  ).finally(() => {
    going = false
  })
  const answers: Outcome[] = []
  const seconds = await growth(spent, async () => {
    while (going) answers.push(await asks(victim, agentJob('mine')))
    await storm
  })
  expect(answers.length).toBeGreaterThan(0)
  expect(answers.flatMap(({ refused }) => refused ?? [])).toEqual([])
  expect(seconds / (30 + answers.length)).toBeLessThan(MAX_SECONDS)
  expect((await memory()) - before).toBeLessThan(MAX_GROWTH)
})

// Schedules
//
// A schedule denser than a quota (AgentQuota): to be tried here when that kind is there. Until then what limits load is
// maxConcurrentRuns of an AgentRuntime and Kubernetes' own ResourceQuotas: test/e2e/concurrency.test.ts,
// test/e2e/refused.test.ts.

// What many depend on

const DEPENDENTS = Number(process.env.AGENTJOB_TEST_DEPENDENTS ?? 60)
/** How often it is changed. */
const CHANGES = 30
/** Touches in a second: sixteen AgentJobs are worked on at a time, whatever changes how often. */
const MAX_TOUCHES = 1500

test(`${DEPENDENTS} AgentJobs on one Context that changes again and again: touches are bounded and end, others go on`, async () => {
  const [mallory, victim] = [await newTenant(), await newTenant()]
  await tries(mallory, ofKind('Context', 'shared', { type: 'Inline', inline: { content: 'change 0' } }))
  await stored(mallory)
  await eventually(
    'each has a status',
    async () => (await all(mallory)).filter(({ status }) => status !== undefined).length,
    (done) => done === DEPENDENTS,
  )
  const started = performance.now()
  const touches = await growth(
    () => requests('PATCH'),
    async () => {
      for (let change = 1; change <= CHANGES; change++)
        await patches(mallory, 'Context', 'shared', { spec: { inline: { content: `change ${change}` } } })
      // somebody else's run starts meanwhile
      await tries(victim, agentJob('mine'))
      await eventually(
        'the run of the victim',
        () => jobNames(victim.namespace),
        (jobs) => jobs.length === 1,
        15_000,
      )
      const last = `change ${CHANGES}`
      await eventually(
        'the last change is everywhere',
        async () => (await all(mallory)).filter(({ expansion }) => JSON.stringify(expansion).includes(last)).length,
        (done) => done === DEPENDENTS,
      )
    },
  )
  const seconds = (performance.now() - started) / 1000
  console.error(`  ${touches} writes of the operator in ${seconds.toFixed(1)} s, for ${CHANGES} changes`)
  expect(touches / seconds).toBeLessThan(MAX_TOUCHES)
  // fewer than one for each change and each AgentJob: changes that come together are one
  expect(touches).toBeLessThan(CHANGES * DEPENDENTS)
  // statuses may still be to come; then it is quiet
  await aWhile()
  expect(await growth(() => requests('PATCH'), aWhile)).toBeLessThan(DEPENDENTS / 4)
})

/** Stores schedules that depend on the Context. */
async function stored(mallory: Tenant): Promise<void> {
  const left = Array.from({ length: DEPENDENTS }, (_, index) => `mine-${index}`)
  const store = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop())
      await tries(mallory, agentJob(name, { contexts: [{ name: 'shared' }], suspend: true }))
  }
  await Promise.all(Array.from({ length: 8 }, store))
}

const all = async ({ namespace }: Tenant) =>
  (await (await theWorld()).client.list<KubeObject>(served('AgentJob'), { namespace })).items
