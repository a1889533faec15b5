import { describe, expect, test } from 'bun:test'
import { agentJob, lookupOf, type Objects, resolvedFor, WITH_LIBRARY } from './fixtures.ts'
import { resolve } from './references.ts'

const inline = (content: string) => ({ type: 'Inline', inline: { content } })
const fromRules = { type: 'ConfigMap', configMap: { name: 'rules' } }
const told = (spec: object, objects: Objects, settings = WITH_LIBRARY) =>
  resolvedFor(spec, objects, settings).contexts.map(({ namespace, name, source, texts }) => ({
    ...{ namespace, name },
    text: source.inline?.content ?? Object.values(texts ?? {}).join(),
  }))

describe('contexts', () => {
  test('what an AgentRuntime of the library names is the library’s, whatever the namespace has of that name', () => {
    const objects = {
      'AgentRuntime/echo': undefined,
      'AgentRuntime/library/echo': { image: 'echo', contexts: [{ name: 'guard' }] },
      'Context/library/guard': inline('of the library'),
      'Context/guard': inline('of a tenant'),
    }
    expect(told({}, objects)).toEqual([{ namespace: 'library', name: 'guard', text: 'of the library' }])
  })

  test('what an AgentRuntime of the namespace names is its own, then the library’s', () => {
    const objects = {
      'AgentRuntime/echo': { image: 'echo', contexts: [{ name: 'guard' }, { name: 'house' }] },
      'Context/library/guard': inline('of the library'),
      'Context/library/house': inline('house rules'),
      'Context/guard': inline('of its own'),
    }
    expect(told({}, objects).map(({ text }) => text)).toEqual(['of its own', 'house rules'])
  })

  test('a ConfigMap is where the object is that names it', () => {
    const objects = {
      'Context/library/house': fromRules,
      'ConfigMap/library/rules': { data: { a: 'of the library' } },
      'ConfigMap/rules': { data: { a: 'of the namespace' } },
    }
    expect(told({ contexts: [{ name: 'house' }, fromRules] }, objects).map(({ text }) => text)).toEqual([
      'of the library',
      'of the namespace',
    ])
  })

  test('without a grant a ConfigMap of the AgentJob’s own is not even looked up', () => {
    const { spec } = agentJob({ contexts: [fromRules] })
    const asked: string[] = []
    const lookup = lookupOf({ 'ConfigMap/rules': { data: { a: 'x' } } })
    const { forbidden, contexts, references } = resolve(
      spec,
      'agents',
      (kind, at, name) => {
        asked.push(kind)
        return lookup(kind, at, name)
      },
      WITH_LIBRARY,
      // a right to use a ClusterAccess is none to read a ConfigMap of that name
      [{ namespace: 'agents', name: 'rules' }],
    )
    expect(forbidden.map(({ path }) => path)).toEqual(['spec.contexts[0]'])
    expect([contexts, references.map(({ kind }) => kind), asked]).toEqual([[], ['AgentRuntime'], ['AgentRuntime']])
  })

  test('of a ConfigMap of which one key is taken, another key changes nothing', () => {
    const spec = { contexts: [{ type: 'ConfigMap', configMap: { name: 'rules', key: 'a' } }] }
    const hashWith = (data: object) => resolvedFor(spec, { 'ConfigMap/rules': { data } }).referencesHash
    expect(hashWith({ a: '1', b: '2' })).toBe(hashWith({ a: '1', b: '3' }))
    expect(hashWith({ a: '1', b: '2' })).not.toBe(hashWith({ a: '2', b: '2' }))
  })
})
