import { afterAll, expect, test } from 'bun:test'
import { eventually, memoryLog } from '../../test/kube/scripted.ts'
import { ApiError } from '../kube/errors.ts'
import { type Context, createMemory } from './context.ts'
import { createQuotaTeller } from './tellquotas.ts'

const stop = new AbortController()
afterAll(() => stop.abort())

/** AgentQuotas of a namespace, one of which the API server refuses to write. */
function world(names: string[], isRefused: (name: string) => boolean) {
  const log = memoryLog()
  const asked: string[] = []
  const quotas = names.map((name) => ({ name, spec: { maxRunningRuns: 1 }, hash: 'h' }))
  const client = {
    mergePatch: async (_: unknown, { name }: { name: string }, { status }: { status: object }) => {
      asked.push(name)
      if (isRefused(name)) throw new ApiError(403, { reason: 'Forbidden', message: 'no' })
      return { metadata: { uid: name, resourceVersion: '2' }, status }
    },
  }
  const stored = { get: (_: string, name: string) => ({ metadata: { namespace: 'a', name, uid: name } }) }
  const references = { quotasOf: () => quotas, stores: new Map([['AgentQuota', stored]]) }
  const caches = { references, jobs: { byIndex: () => [] } }
  const ctx = { client, caches, log, memory: createMemory(), signal: stop.signal } as unknown as Context
  return { teller: createQuotaTeller(ctx, { gatherMs: 1, random: () => 0.5 }), asked, log }
}

test('what cannot be told keeps nothing else from being told, and is tried again with back-off', async () => {
  let isRefused = true
  const { teller, asked, log } = world(['first', 'second'], (name) => isRefused && name === 'first')
  for (let times = 0; times < 5; times++) {
    teller.changed('a')
    await Bun.sleep(10)
  }
  expect(asked).toEqual(['first', 'second'])
  await Bun.sleep(700)
  expect(asked).toEqual(['first', 'second', 'first'])
  expect(log.entries.map(({ level, fields }) => [level, 'name' in fields && fields.name])).toEqual([['warn', 'first']])
  isRefused = false
  await eventually('it is told', () => asked.length > 3)
  await Bun.sleep(50)
  expect(asked).toEqual(['first', 'second', 'first', 'first'])
})
