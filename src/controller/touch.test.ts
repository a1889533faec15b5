import { expect, test } from 'bun:test'
import type { Expansion } from '../api/expansion.ts'
import { sign } from '../signing/signature.ts'
import type { CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { createOutline } from './outline.ts'
import { isOfOlderEpoch, restOf, touch } from './touch.ts'

const KEY = new Uint8Array(32)
const signing = (epoch: number) => ({ keys: { signs: () => epoch } }) as Pick<Context, 'keys'>
const job = (expansion?: object) => ({ metadata: { namespace: 'agents', name: 'hello' }, expansion }) as CachedAgentJob
const expansion = { references: [] } as unknown as Expansion
const under = async (epoch: number) => job(await sign(expansion, { namespace: 'agents', name: 'hello' }, KEY, epoch))

for (const { given, signs, want } of [
  { given: 1, signs: 1, want: false },
  { given: 1, signs: 2, want: true },
  { given: 2, signs: 2, want: false },
  // signed by a webhook that has learned of the key earlier
  { given: 3, signs: 2, want: false },
])
  test(`a signature of epoch ${given}, where ${signs} signs, is ${want ? '' : 'not '}to be made anew, awake or asleep`, async () => {
    const awake = await under(given)
    for (const one of [awake, createOutline()(awake)]) expect(isOfOlderEpoch(signing(signs), one)).toBe(want)
  })

test('what names no epoch is no older one: why it is not ours, a look tells', () => {
  for (const given of [job(), job(expansion), job({ ...expansion, signature: 'forged' })])
    expect(isOfOlderEpoch(signing(2), given)).toBe(false)
})

/** An AgentJob that a reconcile finds out of date, looked at whenever it may be touched again; the times of its touches. */
async function touches(o: { forMs: number; answers?: (times: number) => string }) {
  const at: number[] = []
  let time = 0
  const memory = createMemory()
  const client = {
    mergePatch: async () => {
      at.push(time)
      return { metadata: { resourceVersion: o.answers?.(at.length) ?? '1' } }
    },
  }
  const ctx = { client, memory, now: () => new Date(time) } as unknown as Context
  const given = { metadata: { namespace: 'agents', name: 'hello', uid: 'u', resourceVersion: '1' } } as CachedAgentJob
  for (; time < o.forMs; time += 5000) if (!restOf(ctx, given)) await touch(ctx, given)
  return { at, ctx, given }
}
const HOUR = 3_600_000

test('what admission is not asked about is left alone more and more', async () => {
  const { at, ctx, given } = await touches({ forMs: 24 * HOUR })
  const pauses = at.slice(1).map((time, index) => (time - (at[index] as number)) / 1000)
  expect(pauses.slice(0, 16)).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 60, 120, 240, 480, 960, 1800, 1800])
  expect(Math.max(...pauses)).toBe(1800)
  expect(restOf(ctx, given)).toBeGreaterThan(0)
  // somebody has changed it
  expect(restOf(ctx, { ...given, metadata: { ...given.metadata, resourceVersion: '2' } })).toBe(0)
})

test('what admission answers about is touched as ever', async () => {
  const { at } = await touches({ forMs: HOUR, answers: String })
  expect(at).toHaveLength(720)
})
