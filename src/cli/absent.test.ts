import { expect, test } from 'bun:test'
import { AgentJobSpec } from '../api/agentjob.ts'
import { resolve } from '../expand/references.ts'
import { Settings } from '../expand/settings.ts'
import { absentIn } from './absent.ts'

const spec = AgentJobSpec.parse({ prompt: 'hi', runtimeRef: 'a', mcpServerRefs: ['b.c'], contexts: [{ name: 'd' }] })
const problemsWith = (settings: Settings) =>
  resolve(spec, 'team', () => undefined, settings).missing.map(
    ({ message }) => `${message}; nothing runs until there is one`,
  )

test('what an expansion says of objects that are not there', () => {
  const told = (kind: string, name: string) => ({
    message: `there is no ${kind} "${name}" in namespace team`,
    kind,
    name,
    library: undefined,
  })
  const want = [told('AgentRuntime', 'a'), told('McpServer', 'b.c'), told('Context', 'd')]
  expect(problemsWith(Settings.parse({})).map(absentIn)).toEqual(want)
})

test('and of the library', () => {
  const [first = ''] = problemsWith(Settings.parse({ libraryNamespace: 'shared' }))
  expect(absentIn(first)).toEqual({
    message: 'there is no AgentRuntime "a" in namespace team or in the library namespace shared',
    kind: 'AgentRuntime',
    name: 'a',
    library: 'shared',
  })
})

test('what a runtime wants is told with its name', () => {
  const message = 'contexts[0] of AgentRuntime "a": there is no Context "d" in namespace team'
  expect(absentIn(`${message}; nothing runs until there is one`)).toMatchObject({ message, kind: 'Context', name: 'd' })
})

test('other problems', () => expect(absentIn('whoever last changed the spec was not entitled to it')).toBeUndefined())
