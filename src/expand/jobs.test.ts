import { describe, expect, test } from 'bun:test'
import { agentJob } from './fixtures.ts'
import { renderCronJob, renderJob } from './jobs.ts'

const template = {
  metadata: { labels: {}, annotations: { 'agentjob.io/config-hash': 'c' } },
  spec: { containers: [], volumes: [] },
}
const pod = { template }
const jobSpec = (spec: object) => renderJob(agentJob(spec), pod, '01234567').spec as Record<string, unknown>
const cronJobSpec = (spec: object) =>
  renderCronJob(agentJob({ schedule: '@daily', ...spec }), pod, false).spec as Record<string, unknown>

describe('renderJob', () => {
  test('is named by its revision, and says which', () => {
    const { metadata } = renderJob(agentJob(), pod, '01234567')
    expect(metadata.name).toBe('hello-01234567')
    expect(metadata.annotations).toEqual({ 'agentjob.io/config-hash': 'c', 'agentjob.io/revision': '01234567' })
  })

  test('of a program that prints what came of it, says which', () => {
    const { metadata } = renderJob(agentJob(), { ...pod, dialect: 'codex' }, '01234567')
    expect(metadata.annotations).toMatchObject({ 'agentjob.io/dialect': 'codex' })
  })

  const deadlines: { spec: object; want: number }[] = [
    { spec: {}, want: 4200 },
    { spec: { timeoutSeconds: 60 }, want: 660 },
    { spec: { timeoutSeconds: 60, backoffLimit: 2 }, want: 1980 },
    { spec: { timeoutSeconds: 60, retry: { limit: 2, ignoreDisruption: false } }, want: 1980 },
    { spec: { timeoutSeconds: 60, retry: { limit: 2 } }, want: 3960 },
    { spec: { timeoutSeconds: 60, humanInTheLoop: { enabled: false } }, want: 660 },
    { spec: { timeoutSeconds: 60, humanInTheLoop: { enabled: true } }, want: 4860 },
    { spec: { timeoutSeconds: 60, humanInTheLoop: { enabled: true, keepAlive: '2m' }, backoffLimit: 1 }, want: 2760 },
  ]
  for (const { spec, want } of deadlines)
    test(`has its own deadline behind that of its pods: ${JSON.stringify(spec)}`, () =>
      expect(jobSpec(spec).activeDeadlineSeconds).toBe(want))

  test('waits in a queue where one is named', () => {
    const label = (spec: object) => renderJob(agentJob(spec), pod, 'r').metadata.labels?.['kueue.x-k8s.io/queue-name']
    expect([label({}), label({ queueName: 'q' })]).toEqual([undefined, 'q'])
  })

  test('is not suspended by us', () => expect(jobSpec({ suspend: true })).not.toHaveProperty('suspend'))
})

describe('renderCronJob', () => {
  test('says when, and what of the past to keep', () => {
    const { jobTemplate, ...rest } = cronJobSpec({
      suspend: true,
      startingDeadlineSeconds: 60,
      timezone: 'Europe/Paris',
    })
    expect(rest as object).toEqual({
      schedule: '@daily',
      timeZone: 'Europe/Paris',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 60,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      suspend: true,
    })
    expect((jobTemplate as { spec: object }).spec).toEqual(jobSpec({}))
  })

  test('queues its Jobs, not itself', () => {
    const cronJob = renderCronJob(agentJob({ schedule: '@daily', queueName: 'q' }), pod, false)
    expect(cronJob.metadata.labels).not.toHaveProperty('kueue.x-k8s.io/queue-name')
    expect(JSON.stringify(cronJob.spec)).toContain('"kueue.x-k8s.io/queue-name":"q"')
  })
})
