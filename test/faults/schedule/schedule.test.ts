import { expect, test } from 'bun:test'
import { parsePrompt, promptText } from './prompt.ts'
import { createRandom } from './random.ts'
import { generate, WINDOW_MS } from './schedule.ts'

const SEEDS = Array.from({ length: 500 }, (_, seed) => seed)

test('a seed always gives the same schedule, and another seed another one', () => {
  expect(generate(7)).toEqual(generate(7))
  expect(new Set(SEEDS.map((seed) => JSON.stringify({ ...generate(seed), seed: 0 }))).size).toBe(SEEDS.length)
})

test('every schedule has at least 20 AgentJobs of different names and 10 faults, all within its time', () => {
  for (const { lives, runtime, faults } of SEEDS.map(generate)) {
    expect(lives.length).toBeGreaterThanOrEqual(20)
    expect(faults.length).toBeGreaterThanOrEqual(10)
    const names = lives.map(({ name }) => name).filter((name) => name !== '')
    expect(new Set(names).size).toBe(names.length)
    for (const { atMs } of [...lives.flatMap(({ steps }) => steps), ...runtime, ...faults])
      expect(atMs).toBeWithin(0, WINDOW_MS + 1)
  }
})

test('what happens to an AgentJob happens in order, and nothing but its references comes before its creation', () => {
  for (const { steps } of SEEDS.flatMap((seed) => generate(seed).lives)) {
    expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).sort((a, b) => a - b))
    expect(steps.find(({ kind }) => kind !== 'reference')?.kind).toBe('create')
  }
})

test('every kind of fault occurs, on every target', () => {
  const faults = SEEDS.flatMap((seed) => generate(seed).faults)
  const kinds = new Set(
    faults.map((fault) => {
      if ('traffic' in fault) return `${fault.target} ${fault.traffic.fault.kind}`
      if ('process' in fault) return `${fault.target} ${fault.process.kind}`
      return 'component' in fault ? fault.component : fault.certificate
    }),
  )
  const traffic = 'late-request late-answer lost-request lost-answer half-answer refused misreported'.split(' ')
  const watches = 'cut gone lag stall duplicate swap silence outage kill restart freeze'.split(' ')
  const certificates = 'renewed aged expired half-written deleted ca-bundle-emptied'.split(' ')
  const targeted = ['leader', 'follower', 'webhook'].flatMap((target) =>
    [...traffic, ...watches].map((kind) => `${target} ${kind}`),
  )
  expect([...kinds].sort()).toEqual([...targeted, ...certificates, 'kube-apiserver', 'etcd'].sort())
})

test('the numbers are spread evenly', () => {
  const random = createRandom(1)
  const counts = Array.from({ length: 10 }, () => 0)
  for (let n = 0; n < 10_000; n++) counts[random.int(0, 9)]!++
  for (const count of counts) expect(count).toBeWithin(900, 1100)
  expect(random.shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3])
})

test('a prompt is read as it was written', () => {
  const prompt = { ms: 12, exitCode: 3, result: 'r1' }
  expect(parsePrompt(promptText(prompt))).toEqual(prompt)
  expect(parsePrompt('Say hello.')).toBeUndefined()
})
