import { expect, test } from 'bun:test'
import { OPERATOR, RUNTIME, request, type There, webhook, written } from './testdata/webhook.ts'

const QUOTA: There = [
  'AgentQuota',
  'team',
  { minScheduleIntervalSeconds: 900, allowedImages: ['registry.example.com/*'] },
]

test('an AgentJob that an AgentQuota of its namespace does not allow is refused, with the sentence and the field', async () => {
  const { admit } = webhook({ there: [RUNTIME, QUOTA] })
  const { allowed, status } = await admit(request(written({ schedule: '*/5 * * * *' })))
  expect([allowed, status?.code]).toEqual([false, 422])
  expect(status?.message).toBe(
    'spec.schedule: has runs 5m apart; AgentQuota "team" asks for at least 15m between any two',
  )
  expect(status?.details.causes[0]?.field).toBe('spec.schedule')
  expect((await admit(request(written({ schedule: '@hourly' })))).allowed).toBe(true)
})

test('one of another namespace holds there', async () => {
  const [kind, name, spec] = QUOTA
  const { admit } = webhook({ there: [RUNTIME, [kind, name, spec, 'other']] })
  expect((await admit(request(written({ schedule: '*/5 * * * *' })))).allowed).toBe(true)
})

test('while the AgentQuotas are not known nothing is admitted, and it is said to be for the moment', async () => {
  const { admit } = webhook({ there: [RUNTIME], quotasUnknown: true })
  const { allowed, status } = await admit(request(written()))
  expect([allowed, status?.code, status?.reason]).toEqual([false, 503, 'ServiceUnavailable'])
  expect(status?.message).toContain('does not know the AgentQuotas of this namespace yet')
})

test('a touch is never refused for it: another image of the AgentRuntime is kept out, and told of', async () => {
  const { admit, there } = webhook({ there: [RUNTIME, QUOTA] })
  const { object: stored } = await admit(request(written({ schedule: '@hourly' })))
  const other = webhook({ there: [['AgentRuntime', 'echo', { image: 'evil.test/echo:1' }], QUOTA] })
  for (const [key, value] of other.there) there.set(key, value)
  const touched = await admit(request(stored, { oldObject: stored, userInfo: { username: OPERATOR } }))
  expect(touched.allowed).toBe(true)
  expect(touched.object.expansion?.problems.map(({ reason }) => reason)).toEqual(['ForbiddenByQuota'])
  expect(JSON.stringify(touched.object.expansion?.resources)).not.toContain('evil.test')
})
