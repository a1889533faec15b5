import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'
import { Settings } from './settings.ts'
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
  const job = agentJob(spec)
  return tell(job, resolved.runtime?.spec as AgentRuntimeSpec, resolved, job.spec.prompt, Settings.parse({}))
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
  const objects = (dialect: string, skills: Record<string, object>): Objects => ({
    ...runtime({ dialect }),
    ...Object.fromEntries(Object.entries(skills).map(([name, spec]) => [`AgentSkill/${name}`, spec])),
  })
  const words = (dialect: string) =>
    told({ skillRefs: ['a', 'b'] }, objects(dialect, { a: { repo: 'x/y', name: 'A' }, b: { repo: 'x/y', name: 'B' } }))

  test('of a program are fetched, and copied to where it looks for them', () => {
    const { args = [], skills, errors } = words('claude-code')
    const at = args.indexOf('folder')
    expect(args.slice(at, at + 6)).toEqual([
      ...['folder', '/opt/agentjob/skills/A', '/home/agent/.claude/skills/A'],
      ...['folder', '/opt/agentjob/skills/B', '/home/agent/.claude/skills/B'],
    ])
    expect(skills?.initContainers.map(({ name }) => name)).toEqual([
      'skill-0',
      'skill-0-find',
      'skill-1',
      'skill-1-find',
    ])
    expect(skills?.mounts.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([
      ['/opt/agentjob/skills/A', true],
      ['/opt/agentjob/skills/B', true],
    ])
    expect(errors).toEqual([])
  })

  test('of an agent that reads agent.json are its own business', () => {
    expect(words('agent-json').skills).toBeUndefined()
  })

  const wrong: { name: string; skills: Record<string, object>; want: string }[] = [
    {
      name: 'a name that is no folder',
      skills: { a: { repo: 'x/y', name: '../etc' }, b: { repo: 'x/y', name: 'B' } },
      want: 'the skill "../etc" of x/y cannot be fetched: its name must be a folder\'s, of letters, digits, "-", "_" and "."',
    },
    {
      name: 'a repository of this machine',
      skills: { a: { repo: 'file:///etc', name: 'A' }, b: { repo: 'x/y', name: 'B' } },
      want: 'the skill A of file:///etc cannot be fetched: its repo must be OWNER/REPO on github.com, or a URL such as https://git.example.com/skills.git',
    },
    {
      name: 'a token in the URL',
      skills: { a: { repo: 'https://token@git.example.com/skills.git', name: 'A' }, b: { repo: 'x/y', name: 'B' } },
      want: 'the skill A cannot be fetched: its repo must not have a password in it',
    },
    {
      name: 'an option in the place of a branch',
      skills: { a: { repo: 'x/y', name: 'A', ref: '--upload-pack=id' }, b: { repo: 'x/y', name: 'B' } },
      want: 'the skill A of x/y cannot be fetched: its ref must not begin with "-"',
    },
    {
      name: 'two of one name',
      skills: { a: { repo: 'x/y', name: 'A' }, b: { repo: 'x/z', name: 'A' } },
      want: 'two skills are called A; a program has each name once',
    },
  ]
  for (const { name, skills, want } of wrong)
    test(`with ${name} are refused`, () => {
      const { errors } = told({ skillRefs: ['a', 'b'] }, objects('codex', skills))
      expect(errors).toEqual([{ path: 'spec.skillRefs', message: want }])
    })
})
