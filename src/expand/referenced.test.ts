import { describe, expect, test } from 'bun:test'
import { referenced } from './referenced.ts'

describe('referenced', () => {
  test('fills in defaults', () =>
    expect(referenced('AgentSkill', { repo: 'a/b', name: 'c' })?.spec).toEqual({ repo: 'a/b', name: 'c', ref: 'main' }))

  test('hashes what was meant', () => {
    const hashOf = (spec: object) => referenced('AgentSkill', { repo: 'a/b', name: 'c', ...spec })?.hash
    expect(hashOf({ ref: 'main' })).toBe(hashOf({}) as string)
    expect(hashOf({ ref: 'v1' })).not.toBe(hashOf({}) as string)
  })

  test('an AgentRuntime runs what it ran, whatever is told of its logs', () => {
    const runtime = (spec: object) => referenced('AgentRuntime', { image: 'echo', ...spec })
    const plain = runtime({})?.hash as string
    expect(runtime({ logTail: 'OnFailure' })?.hash).toBe(plain)
    expect(runtime({ logTail: 'Never' })).toMatchObject({ hash: expect.not.stringMatching(plain), configHash: plain })
    expect(runtime({ logTail: 'Never', maxConcurrentRuns: 5 })?.configHash).toBe(plain)
    expect(runtime({ maxConcurrentRuns: 6 })?.hash).toBe(runtime({ maxConcurrentRuns: 5 })?.hash as string)
  })

  test('an AgentRuntime runs what it ran, wherever its pods may go', () => {
    const runtime = (spec: object) => referenced('AgentRuntime', { image: 'echo', ...spec })
    const limited = runtime({ egress: { to: [{ hosts: ['example.com'] }] } })
    expect(limited?.configHash).toBe(runtime({})?.hash as string)
    expect(limited?.hash).not.toBe(runtime({})?.hash as string)
    expect(limited?.hash).not.toBe(runtime({ egress: { to: [{ hosts: ['example.org'] }] } })?.hash as string)
  })

  const missing: { name: string; kind: string; spec: unknown }[] = [
    { name: 'a spec that is not valid', kind: 'AgentSkill', spec: { repo: 5 } },
    { name: 'no spec', kind: 'AgentSkill', spec: undefined },
    { name: 'a kind that there is not', kind: 'Secret', spec: {} },
  ]
  for (const { name, kind, spec } of missing)
    test(`${name} is as good as missing`, () => expect(referenced(kind, spec)).toBeUndefined())
})
