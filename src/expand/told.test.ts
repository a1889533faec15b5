import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'
import { tell } from './told.ts'

const valueFrom = { secretKeyRef: { name: 's', key: 'k' } }
const NONE = { prompt: 'Say hello.', mcpServers: [], repositories: [] }

const cases: { name: string; spec: object; objects?: Objects; want: object }[] = [
  { name: 'the least', spec: {}, want: NONE },
  {
    name: 'texts',
    spec: { instructions: 'Be brief.', model: 'large' },
    want: { ...NONE, instructions: 'Be brief.', model: 'large' },
  },
  {
    name: 'a role',
    spec: { roleRef: 'r' },
    objects: { 'AgentRole/r': { allowedTools: [] } },
    want: { ...NONE, allowedTools: [] },
  },
  { name: 'a role that is missing allows nothing', spec: { roleRef: 'r' }, want: { ...NONE, allowedTools: [] } },
  {
    name: 'skills, the first one apart too',
    spec: { skillRef: 'a', skillRefs: ['b'] },
    objects: { 'AgentSkill/a': { repo: 'x/y', name: 'A' }, 'AgentSkill/b': { repo: 'x/y', name: 'B', ref: 'v1' } },
    want: {
      ...NONE,
      skill: { repo: 'x/y', name: 'A', ref: 'main' },
      skills: [
        { repo: 'x/y', name: 'A', ref: 'main' },
        { repo: 'x/y', name: 'B', ref: 'v1' },
      ],
    },
  },
  {
    name: 'MCP servers, secrets by the name of their variable',
    spec: { mcpServerRefs: ['a', 'b', 'c'] },
    objects: {
      'McpServer/a': {
        command: 'x',
        args: ['y'],
        env: [
          { name: 'T', valueFrom },
          { name: 'U', value: '' },
        ],
      },
      'McpServer/b': { url: 'https://x', headers: [{ name: 'Authorization', valueFrom }] },
      'McpServer/c': { command: 'x', env: [{ name: '__proto__', value: 'p' }] },
    },
    want: JSON.parse(`{
      "prompt": "Say hello.", "repositories": [], "mcpServers": [
        {"name": "a", "command": "x", "args": ["y"], "env": {"T": "\${MCP_A_T}", "U": ""}},
        {"name": "b", "url": "https://x", "headers": {"Authorization": "\${MCP_B_AUTHORIZATION}"}},
        {"name": "c", "command": "x", "env": {"__proto__": "p"}}
      ]}`),
  },
  {
    name: 'repositories, tokens by the name of their variable',
    spec: { repositoryRefs: ['a', 'b'] },
    objects: {
      'Repository/a': { owner: 'o', name: 'r', tokenSecretRef: { name: 's', key: 'k' } },
      'Repository/b': { owner: 'o', name: 'q', host: 'git.example.com' },
    },
    want: {
      ...NONE,
      repositories: [
        { name: 'a', host: 'github.com', owner: 'o', repo: 'r', tokenEnv: 'REPOSITORY_A_TOKEN' },
        { name: 'b', host: 'git.example.com', owner: 'o', repo: 'q' },
      ],
    },
  },
]

function told(spec: object, objects: Objects = {}) {
  const resolved = resolvedFor(spec, objects)
  return tell(agentJob(spec), resolved.runtime?.spec as AgentRuntimeSpec, resolved, agentJob(spec).spec.prompt)
}

describe('agent.json', () => {
  for (const { name, spec, objects, want } of cases)
    test(name, () => {
      const [file] = told(spec, objects).files
      expect(file?.path).toBe('/etc/agentjob/agent.json')
      expect(JSON.parse(file?.text ?? '')).toEqual(want)
    })
})

const runtime = (spec: object): Objects => ({ 'AgentRuntime/echo': { image: 'x', ...spec } })

describe('command and arguments', () => {
  const cases: { name: string; runtime: object; want: [string[]?, string[]?] }[] = [
    { name: "the image's own", runtime: {}, want: [undefined, undefined] },
    {
      name: "the runtime's, in which Kubernetes fills in variables",
      runtime: { command: ['a'], args: ['$(B)'] },
      want: [['a'], ['$(B)']],
    },
    { name: 'of task-md the same', runtime: { dialect: 'task-md', args: ['x'] }, want: [undefined, ['x']] },
    {
      name: 'templates, in which Kubernetes fills in nothing',
      runtime: { dialect: 'custom', command: ['a'], templates: { args: ['$(B)', '{{prompt}}'] } },
      want: [['a'], ['$$(B)', 'Say $$(hello).']],
    },
    {
      name: 'files without arguments',
      runtime: { dialect: 'custom', args: ['x'], templates: { files: [] } },
      want: [undefined, ['x']],
    },
  ]
  for (const { name, runtime: given, want } of cases)
    test(name, () => {
      const { command, args } = told({ prompt: 'Say $(hello).' }, runtime(given))
      expect([command, args]).toEqual(want)
    })

  test('a program in its place, with arguments after its own', () => {
    const { command, args } = told({}, runtime({ dialect: 'codex', command: ['/opt/codex'], args: ['-c', '$(X)'] }))
    expect(command?.slice(0, 2)).toEqual(['sh', '-c'])
    expect(args?.slice(args.indexOf('--') + 1)).toEqual([
      ...['/opt/codex', 'exec', '--json', '--skip-git-repo-check', '-C', '/workspace', '-', '-c', '$(X)'],
    ])
  })
})

test('a variable of ours in which Kubernetes fills in nothing', () => {
  const { env } = told({}, runtime({ configPath: '/etc/$(HOME)' }))
  expect(env).toEqual([{ name: 'AGENTJOB_CONFIG', value: '/etc/$$(HOME)/agent.json' }])
})

describe('skills', () => {
  const objects = (dialect: string): Objects => ({
    ...runtime({ dialect }),
    'AgentSkill/a': { repo: 'x/y', name: 'A' },
  })
  const NOT_YET = [
    {
      path: 'spec.skillRefs',
      message:
        "the skill A of x/y is not fetched yet for an AgentRuntime whose dialect is a program's; have it in the image",
    },
  ]
  for (const [dialect, want] of Object.entries({ 'agent-json': [], 'claude-code': NOT_YET, goose: NOT_YET }))
    test(`of ${dialect}`, () => expect(told({ skillRef: 'a' }, objects(dialect)).warnings).toEqual(want))
})
