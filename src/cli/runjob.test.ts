import { describe, expect, test } from 'bun:test'
import type { Failure } from './exit.ts'
import { newAgentJob, type RunFields } from './runjob.ts'

const cases: { name: string; given: RunFields; want: object }[] = [
  {
    name: 'a runtime alone',
    given: { runtime: 'echo' },
    want: { metadata: { generateName: 'echo-' }, spec: { runtimeRef: 'echo', prompt: 'hi' } },
  },
  {
    name: 'everything',
    given: {
      runtime: 'echo',
      name: 'mine',
      auth: 'token',
      role: 'fixer',
      model: 'small',
      repo: ['one', 'two'],
      skill: ['pdf'],
      mcp: ['mail'],
      contextRef: ['rules'],
      timeout: 90_500,
    },
    want: {
      metadata: { name: 'mine' },
      spec: {
        runtimeRef: 'echo',
        authRef: 'token',
        roleRef: 'fixer',
        model: 'small',
        repositoryRefs: ['one', 'two'],
        skillRefs: ['pdf'],
        mcpServerRefs: ['mail'],
        contexts: [{ name: 'rules' }],
        timeoutSeconds: 91,
        prompt: 'hi',
      },
    },
  },
  {
    name: 'a runtime whose name is no beginning of a Job’s',
    given: { runtime: `a.${'b'.repeat(38)}-c` },
    want: { metadata: { generateName: `a-${'b'.repeat(38)}-` } },
  },
]
describe('newAgentJob', () => {
  for (const { name, given, want } of cases)
    test(name, () =>
      expect(newAgentJob('hi', given)).toMatchObject({
        apiVersion: 'agentjob.io/v1alpha1',
        kind: 'AgentJob',
        ...want,
      }),
    )

  test('every error at once, in the words of admission', () => {
    const failing = () => newAgentJob('', { runtime: 'Echo', name: 'My_job', skill: ['a', 'a'] })
    let lines: string[] = []
    try {
      failing()
    } catch (error) {
      lines = (error as Failure).lines
    }
    expect(lines).toEqual([
      expect.stringMatching(/^metadata\.name: must be of lower case letters/),
      'spec.prompt: must not be empty',
      expect.stringMatching(/^spec\.runtimeRef: must be the name of an object/),
      expect.stringMatching(/^spec\.skillRefs\[1\]: /),
    ])
  })
})
