import { expect, test } from 'bun:test'
import type { Expansion } from '../api/expansion.ts'
import { sign } from '../signing/signature.ts'
import type { CachedAgentJob } from './caches.ts'
import type { Context } from './context.ts'
import { createOutline } from './outline.ts'
import { isOfOlderEpoch } from './touch.ts'

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
