import { expect, test } from 'bun:test'
import { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import { type AccessReview, MAX_REVIEWS, mayUse, missingRights } from './access.ts'
import { type Attributes, describeRight } from './rights.ts'

const user = { username: 'alice', uid: '1', groups: ['a', 'b'], extra: { scopes: ['x'] } }
const spec = (verbs: string[], scope = 'Namespace') =>
  ClusterAccessSpec.parse({ scope, rules: [{ apiGroups: [''], resources: ['pods'], verbs }] })
const verbs = (length: number) => [...Array(length).keys()].map((index) => `verb${index}`)

/** Allows what is in the list. */
function reviewer(...allowed: string[]) {
  const asked: [typeof user, Attributes][] = []
  const review: AccessReview = async (who, attributes) => {
    asked.push([who as typeof user, attributes])
    return allowed.includes(describeRight(attributes))
  }
  return { review, asked }
}

test('the rights that are missing, in their order', async () => {
  const { review } = reviewer('list pods in namespace agents')
  const missing = await missingRights(review, user, spec(['get', 'list', 'watch']), 'agents')
  expect(missing?.map(describeRight)).toEqual(['get pods in namespace agents', 'watch pods in namespace agents'])
})

test('none is missing', async () => {
  const { review } = reviewer('get pods in namespace agents')
  expect(await missingRights(review, user, spec(['get']), 'agents')).toEqual([])
})

test('with scope Cluster a right in one namespace is not enough', async () => {
  const { review } = reviewer('get pods in namespace agents')
  const missing = await missingRights(review, user, spec(['get'], 'Cluster'), 'agents')
  expect(missing?.map(describeRight)).toEqual(['get pods in all namespaces'])
})

test('the user is asked about as the API server knows him', async () => {
  const { review, asked } = reviewer()
  await missingRights(review, user, spec(['get']), 'agents')
  expect(asked.map(([who]) => who)).toEqual([user])
})

for (const { given, want } of [
  { given: MAX_REVIEWS, want: MAX_REVIEWS },
  { given: MAX_REVIEWS + 1, want: 0 },
])
  test(`of ${given} rights ${want} are asked for`, async () => {
    const { review, asked } = reviewer()
    const rules = [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: verbs(32) }]
    if (given > MAX_REVIEWS) rules.push({ apiGroups: [''], resources: ['pods'], verbs: ['get'] })
    const missing = await missingRights(review, user, ClusterAccessSpec.parse({ rules }), 'agents')
    expect(missing?.length).toBe(want || undefined)
    expect(asked).toHaveLength(want)
  })

test('millions of rights take no time', async () => {
  const { review, asked } = reviewer()
  const list = (length: number) => [...Array(length).keys()].map((index) => `x${index}`)
  const rule = { apiGroups: list(32), resources: list(64), resourceNames: list(64), verbs: list(32) }
  const started = performance.now()
  const all = ClusterAccessSpec.parse({ rules: Array(64).fill(rule) })
  expect(await missingRights(review, user, all, 'agents')).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(1000)
  expect(asked).toEqual([])
})

test('what cannot be answered is thrown, not taken for a yes', async () => {
  const review: AccessReview = async () => {
    throw new Error('no connection')
  }
  await expect(missingRights(review, user, spec(['get']), 'agents')).rejects.toThrow('no connection')
  await expect(mayUse(review, user, 'agents', 'reader')).rejects.toThrow('no connection')
})

test('the verb use is asked for on the very object', async () => {
  const { review, asked } = reviewer('use clusteraccesses.agentjob.io "reader" in namespace agents')
  expect(await mayUse(review, user, 'agents', 'reader')).toBe(true)
  expect(await mayUse(review, user, 'agents', 'writer')).toBe(false)
  expect(await mayUse(review, user, 'library', 'reader')).toBe(false)
  expect(asked[0]).toEqual([
    user,
    { verb: 'use', group: 'agentjob.io', resource: 'clusteraccesses', namespace: 'agents', name: 'reader' },
  ])
})
