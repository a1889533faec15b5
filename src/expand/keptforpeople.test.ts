import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'
import { Settings } from './settings.ts'
import { tell } from './told.ts'

const KEPT = { humanInTheLoop: { enabled: true, keepAlive: '1h30m' }, timeoutSeconds: 60 }

function told(spec: object, runtime: object | undefined) {
  const objects: Objects = { 'AgentRuntime/echo': runtime && { image: 'x', ...runtime } }
  const resolved = resolvedFor(spec, objects)
  const shown = resolved.runtime?.spec ?? resolvedFor({}).runtime?.spec
  return tell(agentJob(spec), shown as AgentRuntimeSpec, resolved, 'Go.', Settings.parse({}))
}

describe('a container that is kept for people', () => {
  test('runs the command of the AgentRuntime, in which Kubernetes fills in variables', () => {
    const { command, args, errors } = told(KEPT, { command: ['a', '$(B)'], args: ['$(C)'] })
    expect([command?.slice(0, 2), command?.length]).toEqual([['sh', '-c'], 4])
    expect(args).toEqual(['60', '5400', 'a', '$(B)', '$(C)'])
    expect(errors).toEqual([])
  })

  test('runs a command alone', () => {
    expect(told(KEPT, { command: ['a'] }).args).toEqual(['60', '5400', 'a'])
    const templates = { args: ['{{prompt}}', '$(B)'] }
    expect(told(KEPT, { dialect: 'custom', command: ['a'], templates }).args?.slice(2)).toEqual(['a', 'Go.', '$$(B)'])
  })

  test('starts a program as it would be started without', () => {
    const { command = [], args = [] } = told({}, { dialect: 'codex' })
    expect(told(KEPT, { dialect: 'codex' }).args).toEqual(['60', '5400', ...command, ...args])
  })

  test('is the same text for everybody, with its dollars as they are', () => {
    const { command } = told(KEPT, { command: ['a'] })
    expect(told({ humanInTheLoop: { enabled: true } }, { dialect: 'goose' }).command).toEqual(command)
    expect(command?.[2]).not.toMatch(/(?<!\$)\$(\$\$)*(?=\()/)
  })

  test.each([{}, { humanInTheLoop: {} }, { humanInTheLoop: { enabled: false, keepAlive: '2h' } }])(
    'is none with %j',
    (spec) => {
      expect(told(spec, { command: ['a'], args: ['b'] })).toMatchObject({ command: ['a'], args: ['b'] })
      expect(told(spec, {}).command).toBeUndefined()
    },
  )

  for (const runtime of [{}, { args: ['a'] }, { command: [] }, { dialect: 'task-md' }])
    test(`needs a command: ${JSON.stringify(runtime)}`, () => {
      expect(told(KEPT, runtime).errors).toEqual([
        {
          path: 'spec.humanInTheLoop',
          message:
            'AgentRuntime "echo" has no command, and what its image starts with is not known here; write that into its command, the image\'s entrypoint for example',
        },
      ])
    })

  test('of an AgentRuntime that is missing nothing is known', () => {
    expect(told(KEPT, undefined).errors).toEqual([])
  })
})
