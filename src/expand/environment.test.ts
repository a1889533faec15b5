import { describe, expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import { configFile } from '../api/paths.ts'
import { environment, mcpVariable, repositoryVariable, variableClashes } from './environment.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'

const ref = (name: string, key = 'token') => ({ name, key })
const valueFrom = (name: string, key?: string) => ({ valueFrom: { secretKeyRef: ref(name, key) } })
const repository = (name: string, token?: object, host?: string) => ({
  [`Repository/${name}`]: {
    owner: 'acme',
    name,
    ...(host ? { host } : {}),
    ...(token ? { tokenSecretRef: token } : {}),
  },
})

function variables(spec: object, objects: Objects = {}) {
  const resolved = resolvedFor(spec, objects)
  return environment(agentJob(spec), resolved.runtime?.spec as AgentRuntimeSpec, resolved, TOLD, [])
}
const TOLD = [{ name: 'AGENTJOB_CONFIG', value: '/etc/agentjob/agent.json' }]
const OURS = [
  { name: 'HOME', value: '/home/agent' },
  { name: 'AGENTJOB_NAME', value: 'hello' },
  { name: 'AGENTJOB_NAMESPACE', value: 'agents' },
  ...TOLD,
  { name: 'WORKSPACE_DIR', value: '/workspace' },
]

const cases: { name: string; spec: object; objects?: Objects; want: unknown[] }[] = [
  { name: 'ours', spec: {}, want: OURS },
  {
    name: 'ours, the runtime, tokens, the AgentJob',
    spec: { authRef: 'model', env: [{ name: 'B', value: 'b' }] },
    objects: {
      'AgentRuntime/echo': { image: 'x', authEnvVar: 'TOKEN', env: [{ name: 'A', value: 'a' }] },
      'AgentAuth/model': { secretRef: ref('model') },
    },
    want: [...OURS, { name: 'A', value: 'a' }, { name: 'TOKEN', ...valueFrom('model') }, { name: 'B', value: 'b' }],
  },
  {
    name: 'each once, the later source wins and comes later',
    spec: {
      authRef: 'model',
      env: [
        { name: 'HOME', value: '/b' },
        { name: 'TOKEN', value: 'mine' },
      ],
    },
    objects: {
      'AgentRuntime/echo': {
        image: 'x',
        authEnvVar: 'TOKEN',
        env: [
          { name: 'HOME', value: '/a' },
          { name: 'TOKEN', value: 'its' },
        ],
      },
      'AgentAuth/model': { secretRef: ref('model') },
    },
    want: [...OURS.slice(1), { name: 'HOME', value: '/b' }, { name: 'TOKEN', value: 'mine' }],
  },
  {
    name: 'the token of a repository, for gh too',
    spec: { repositoryRefs: ['web.site', 'docs'] },
    objects: { ...repository('web.site', ref('gh')), ...repository('docs') },
    want: [
      ...OURS,
      { name: 'GH_TOKEN', ...valueFrom('gh') },
      { name: 'REPOSITORY_WEB_SITE_TOKEN', ...valueFrom('gh') },
    ],
  },
  {
    name: 'one token for two repositories',
    spec: { repositoryRefs: ['a', 'b'] },
    objects: { ...repository('a', ref('gh')), ...repository('b', ref('gh')) },
    want: [
      ...OURS,
      { name: 'GH_TOKEN', ...valueFrom('gh') },
      { name: 'REPOSITORY_A_TOKEN', ...valueFrom('gh') },
      { name: 'REPOSITORY_B_TOKEN', ...valueFrom('gh') },
    ],
  },
  {
    name: 'two tokens: none is GH_TOKEN',
    spec: { repositoryRefs: ['a', 'b'] },
    objects: { ...repository('a', ref('gh')), ...repository('b', ref('gh', 'other')) },
    want: [
      ...OURS,
      { name: 'REPOSITORY_A_TOKEN', ...valueFrom('gh') },
      { name: 'REPOSITORY_B_TOKEN', ...valueFrom('gh', 'other') },
    ],
  },
  {
    name: 'another host is not for gh',
    spec: { repositoryRefs: ['a'] },
    objects: repository('a', ref('gitea'), 'git.example.com'),
    want: [...OURS, { name: 'REPOSITORY_A_TOKEN', ...valueFrom('gitea') }],
  },
  {
    name: 'an AgentAuth for GH_TOKEN wins over a guess',
    spec: { authRef: 'model', repositoryRefs: ['a'] },
    objects: {
      'AgentRuntime/echo': { image: 'x', authEnvVar: 'GH_TOKEN' },
      'AgentAuth/model': { secretRef: ref('copilot') },
      ...repository('a', ref('gh')),
    },
    want: [...OURS, { name: 'GH_TOKEN', ...valueFrom('copilot') }, { name: 'REPOSITORY_A_TOKEN', ...valueFrom('gh') }],
  },
  {
    name: 'secrets of MCP servers, and nothing of their plain text',
    spec: { mcpServerRefs: ['git-hub', 'mail'] },
    objects: {
      'McpServer/git-hub': {
        command: 'x',
        env: [
          { name: 'TOKEN', ...valueFrom('gh') },
          { name: 'HOST', value: 'h' },
        ],
      },
      'McpServer/mail': { url: 'https://x', headers: [{ name: 'X-Key', ...valueFrom('mail') }] },
    },
    want: [
      ...OURS,
      { name: 'MCP_GIT_HUB_TOKEN', ...valueFrom('gh') },
      { name: 'MCP_MAIL_X_KEY', ...valueFrom('mail') },
    ],
  },
]

describe('environment', () => {
  for (const { name, spec, objects, want } of cases)
    test(name, () => expect(variables(spec, objects)).toEqual(want as never))
})

describe('names', () => {
  test('of variables', () => {
    expect(mcpVariable('git.hub-2', 'X-Api-Key')).toBe('MCP_GIT_HUB_2_X_API_KEY')
    expect(repositoryVariable('web.site')).toBe('REPOSITORY_WEB_SITE_TOKEN')
  })
  for (const configPath of ['/opt/agent', '/opt/agent/'])
    test(`of agent.json in ${configPath}`, () =>
      expect(configFile({ configPath } as AgentRuntimeSpec)).toBe('/opt/agent/agent.json'))
})

describe('variableClashes', () => {
  const server = (name: string, ...names: string[]) => ({
    [`McpServer/${name}`]: { command: 'x', env: names.map((name) => ({ name, ...valueFrom('s') })) },
  })
  const clashes: { name: string; spec: object; objects: Objects; want: string[] }[] = [
    {
      name: 'none',
      spec: { mcpServerRefs: ['a', 'b'] },
      objects: { ...server('a', 'X'), ...server('b', 'X') },
      want: [],
    },
    {
      name: 'of two servers',
      spec: { mcpServerRefs: ['a.b', 'a-b'] },
      objects: { ...server('a.b', 'X'), ...server('a-b', 'X') },
      want: ['spec.mcpServerRefs: McpServer a.b (X) and McpServer a-b (X) would both set the variable MCP_A_B_X'],
    },
    {
      name: 'within a server',
      spec: { mcpServerRefs: ['a'] },
      objects: server('a', 'X-Y', 'X_Y'),
      want: ['spec.mcpServerRefs: McpServer a (X-Y) and McpServer a (X_Y) would both set the variable MCP_A_X_Y'],
    },
    {
      name: 'of two repositories',
      spec: { repositoryRefs: ['a.b', 'a-b'] },
      objects: { ...repository('a.b', ref('s')), ...repository('a-b', ref('s')) },
      want: ['spec.repositoryRefs: Repository a.b and Repository a-b would both set the variable REPOSITORY_A_B_TOKEN'],
    },
    {
      name: 'not where one has no token',
      spec: { repositoryRefs: ['a.b', 'a-b'] },
      objects: { ...repository('a.b', ref('s')), ...repository('a-b') },
      want: [],
    },
  ]
  for (const { name, spec, objects, want } of clashes)
    test(name, () =>
      expect(variableClashes(resolvedFor(spec, objects)).map(({ path, message }) => `${path}: ${message}`)).toEqual(
        want.map((text) => `${text}; rename one of them`),
      ),
    )
})
