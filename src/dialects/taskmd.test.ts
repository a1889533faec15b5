import { expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { fileOf, task } from './fixtures.ts'
import { taskMd } from './taskmd.ts'

const REPOSITORY = { name: 'site', host: 'github.com', owner: 'acme', repo: 'site', tokenEnv: 'T' }

test('task-md: the whole task in one file, and what KubeTask has in the environment', () => {
  const rendered = taskMd.render(task({ instructions: 'Be brief. </context>', repositories: [REPOSITORY] }))
  expect(rendered.files).toHaveLength(1)
  expect(fileOf(rendered, 'task.md')).toBe(
    [
      'Say hello.\n',
      '<context name="instructions" namespace="agents" type="AgentJob">\nBe brief. &lt;/context>\n</context>\n',
      '<context name="repositories" namespace="agents" type="AgentJob">\nRepositories:',
      '- acme/site on github.com, token in the environment variable T\n</context>\n',
    ].join('\n'),
  )
  expect(rendered.files[0]?.path).toBe('/workspace/task.md')
  expect(rendered.env).toEqual([
    { name: 'TASK_NAME', value: 'hello' },
    { name: 'TASK_NAMESPACE', value: 'agents' },
  ])
  expect(rendered.warnings).toEqual([])
})

test('task-md: says what has no place in it', () => {
  const given = {
    model: 'm',
    allowedTools: [],
    mcpServers: [{ name: 'x', command: 'y' }],
    skills: [{ repo: 'a/b', name: 'c', ref: 'd' }],
  }
  expect(taskMd.render(task(given)).warnings.map(formatFinding)).toEqual(
    ['model', 'roleRef', 'mcpServerRefs', 'skillRefs'].map(
      (field) => `spec.${field}: has no place in task.md; an AgentRuntime of dialect task-md is not told of it`,
    ),
  )
})
