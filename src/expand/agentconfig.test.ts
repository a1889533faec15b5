import { describe, expect, test } from 'bun:test'
import { agentConfig } from './agentconfig.ts'
import { agentJob, type Objects, resolvedFor } from './fixtures.ts'

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

describe('agentConfig', () => {
  for (const { name, spec, objects, want } of cases)
    test(name, () => {
      const { spec: given } = agentJob(spec)
      expect(JSON.parse(agentConfig(given, resolvedFor(spec, objects), given.prompt))).toEqual(want)
    })
})
