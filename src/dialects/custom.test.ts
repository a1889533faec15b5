import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../api/finding.ts'
import { PLACEHOLDERS } from '../api/placeholders.ts'
import { custom } from './custom.ts'
import { task } from './fixtures.ts'
import type { Task } from './task.ts'

const render = (args: string[], more: Partial<Task> = {}) => custom.render(task({ templates: { args }, ...more }))

describe('custom', () => {
  test('fills every placeholder', () => {
    const { args, files } = render(
      PLACEHOLDERS.map((name) => `${name}={{ ${name} }}`),
      {
        instructions: 'Be "brief".',
        allowedTools: ['Read'],
        mcpServers: [{ name: 'm', url: 'https://m', headers: [{ name: 'A', variable: 'MCP_M_A' }] }],
        skills: [{ repo: 'a/b', name: 'c', ref: 'd' }],
        repositories: [{ name: 'r', host: 'h', owner: 'o', repo: 'p' }],
      },
    )
    expect(args).toEqual([
      'prompt=Say hello.',
      'promptJson="Say hello."',
      'instructions=Be "brief".',
      'instructionsJson="Be \\"brief\\"."',
      'model=',
      'modelJson=""',
      'name=hello',
      'namespace=agents',
      'workspaceDir=/workspace',
      'configFile=/etc/agentjob/agent.json',
      'allowedToolsJson=["Read"]',
      'mcpServersJson=[{"headers":{"A":"${MCP_M_A}"},"name":"m","url":"https://m"}]',
      'skillsJson=[{"name":"c","ref":"d","repo":"a/b"}]',
      'repositoriesJson=[{"host":"h","name":"r","owner":"o","repo":"p"}]',
    ])
    expect(files.map(({ path }) => path)).toEqual(['/etc/agentjob/agent.json'])
  })

  test('tells no limit from nothing', () =>
    expect(
      [render(['{{allowedToolsJson}}']), render(['{{allowedToolsJson}}'], { allowedTools: [] })].map(
        ({ args }) => args,
      ),
    ).toEqual([['null'], ['[]']]))

  test('leaves the arguments to the image where there are none', () =>
    expect(custom.render(task({ templates: { files: [{ path: '/x', content: 'y' }] } })).args).toBeUndefined())

  test('says what no process can be given', () => {
    const long = { prompt: 'ä'.repeat(70_000) }
    expect(render(['x', '{{prompt}}'], long).errors.map(formatFinding)).toEqual([
      'spec.runtimeRef: templates.args[1] of the AgentRuntime becomes 140000 bytes, and a process takes 131071 as one argument; let it stand in a file',
    ])
    expect(render(['{{prompt}}'], { prompt: 'a\0b' }).errors.map(formatFinding)).toEqual([
      'spec.runtimeRef: templates.args[0] of the AgentRuntime gets the character NUL, which no process can be given; let it stand in a file',
    ])
  })
})
