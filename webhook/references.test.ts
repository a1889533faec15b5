import { expect, test } from 'bun:test'
import { created, library, touch, world } from './testdata/stored.ts'
import { RUNTIME, request, type There, webhook, written } from './testdata/webhook.ts'

/*
 * What an AgentJob names, where it is looked for, and what is said of what is missing.
 */

test('of hundreds of names that lead nowhere a few are asked for live, and all are told of', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `m${index}`)
  const { admit, seen } = world()
  const { allowed, object, warnings } = await admit(request(written({ mcpServerRefs: names, repositoryRefs: names })))
  expect([allowed, seen.read.length, object.expansion?.problems.length]).toEqual([true, 32, 128])
  expect(warnings?.length).toBeGreaterThan(32)
})

test('what nobody has looked for is not said to be missing, and the ClusterAccess is looked for first', async () => {
  const names = Array.from({ length: 64 }, (_, index) => `m${index}`)
  const { admit, seen } = world({ settings: { missingReferences: 'Deny', clusterAccess: true }, may: () => true })
  const { allowed, status } = await admit(request(written({ mcpServerRefs: names, clusterAccessRef: 'own' })))
  expect([allowed, status?.code, seen.read.length]).toEqual([false, 422, 32])
  expect(seen.read[0]).toBe('ClusterAccess/agents/own')
  const told = status?.details.causes.map(({ message }) => message) ?? []
  expect(told.find((message) => message.includes('"own"'))).toEndWith('; create it first')
  expect(told.find((message) => message.includes('"m30"'))).toBe(
    'there is no McpServer "m30" in namespace agents; create it first',
  )
  expect(told.find((message) => message.includes('"m31"'))).toBe(
    'there is no McpServer "m31" in namespace agents that is known yet; create it first, or try again in a moment',
  )
})

test('what is looked for in a second go is known then', async () => {
  const names = Array.from({ length: 33 }, (_, index) => `m${index}`)
  const there = names.map((name): There => ['McpServer', name, { url: 'https://mcp.example.com' }])
  const settings = { missingReferences: 'Deny' }
  const { admit } = webhook({ there: [RUNTIME, ...there.slice(0, 5)], live: there, settings })
  expect((await admit(request(written({ mcpServerRefs: names })))).allowed).toBe(true)
})

test('a reference that no cache has is asked for live, in the namespace and in the library', async () => {
  const { admit, seen } = webhook({ live: [[RUNTIME[0], RUNTIME[1], RUNTIME[2], 'library']], settings: library })
  const { object } = await admit(request(written()))
  expect(seen.read.sort()).toEqual(['AgentRuntime/agents/echo', 'AgentRuntime/library/echo'])
  expect(object.expansion?.problems).toEqual([])
})

test('a reference that a cache has is not asked for', async () => {
  const { admit, seen } = world({ settings: library })
  await admit(request(written()))
  expect(seen.read).toEqual([])
})

test('a reference that is missing is a warning, and a problem of the expansion', async () => {
  const { allowed, warnings, object } = await webhook().admit(request(written()))
  expect(allowed).toBe(true)
  expect(warnings).toEqual([
    'spec.runtimeRef: there is no AgentRuntime "echo" in namespace agents; nothing runs until there is one',
  ])
  expect(object.expansion?.problems.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    'spec.runtimeRef ReferenceNotFound',
  ])
  expect(object.expansion?.resources).toEqual([])
})

test('a reference that is missing is refused where the settings say so, each with its field', async () => {
  const { admit } = webhook({ settings: { missingReferences: 'Deny' } })
  const { allowed, status } = await admit(request(written({ authRef: 'anthropic' })))
  expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 422 })
  expect(status?.details.causes.map(({ field }) => field)).toEqual(['spec.runtimeRef', 'spec.authRef'])
})

for (const missingReferences of ['Warn', 'Deny'])
  test(`what a touch finds wrong refuses nothing and warns nobody: ${missingReferences}`, async () => {
    const old = await created()
    const { allowed, warnings, object } = await webhook({ settings: { missingReferences } }).admit(touch(old))
    expect({ allowed, warnings }).toEqual({ allowed: true, warnings: undefined })
    expect(object.expansion?.problems.map(({ reason }) => reason)).toEqual(['ReferenceNotFound'])
    expect(object.expansion?.resources).toEqual(old.expansion?.resources as never)
  })
