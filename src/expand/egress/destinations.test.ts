import { describe, expect, test } from 'bun:test'
import { type Case, DNS, made, namespace, rulesOf, runtime, tcp, WORLD } from './fixtures.ts'

const cases: Case[] = [
  { name: 'a model', objects: runtime({ dialect: 'claude-code' }), want: [DNS, { to: WORLD, ports: tcp(443) }] },
  {
    name: 'a model of the cluster',
    objects: runtime({
      dialect: 'claude-code',
      env: [{ name: 'ANTHROPIC_BASE_URL', value: 'http://gateway.models.svc:8080' }],
    }),
    want: [DNS, { to: [namespace('models')] }],
  },
  {
    name: 'a model elsewhere, by a variable of the AgentJob',
    spec: { env: [{ name: 'ANTHROPIC_BASE_URL', value: 'https://gateway.example.com:8443/v1' }] },
    objects: runtime({ dialect: 'claude-code' }),
    want: [DNS, { to: WORLD, ports: tcp(8443) }],
  },
  {
    name: 'a model that a Secret names',
    objects: runtime({
      dialect: 'claude-code',
      env: [{ name: 'ANTHROPIC_BASE_URL', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }],
    }),
    want: [DNS],
  },
  {
    name: 'a proxy',
    objects: runtime({ env: [{ name: 'HTTPS_PROXY', value: '10.0.0.3:3128' }] }),
    want: [DNS, { to: [{ ipBlock: { cidr: '10.0.0.3/32' } }], ports: tcp(3128) }],
  },
  {
    name: 'a repository',
    spec: { repositoryRefs: ['website'] },
    objects: { 'Repository/website': { owner: 'a', name: 'b', host: 'git.example.com:8443' } },
    want: [DNS, { to: WORLD, ports: tcp(8443) }],
  },
  {
    name: 'contexts by Git and by URL',
    spec: {
      contexts: [
        { type: 'Git', git: { repository: 'git@git.example.com:a/b.git' }, mountPath: '/a' },
        { type: 'Git', git: { repository: 'ssh://git@git.example.com:2222/a/b.git' }, mountPath: '/b' },
        { type: 'Git', git: { repository: 'ssh://git@192.0.2.7/a/b.git' }, mountPath: '/d' },
        { type: 'Url', url: { url: 'http://example.com/a.json' }, mountPath: '/c' },
      ],
    },
    want: [
      DNS,
      { to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: tcp(22) },
      { to: WORLD, ports: tcp(22, 80, 2222) },
    ],
  },
  {
    name: 'skills',
    spec: { skillRefs: ['short', 'long'] },
    objects: {
      'AgentSkill/short': { repo: 'example/skills', name: 'a' },
      'AgentSkill/long': { repo: 'ssh://git@git.example.com/skills.git', name: 'b' },
    },
    want: [DNS, { to: WORLD, ports: tcp(22, 443) }],
  },
  {
    name: 'MCP servers',
    spec: { mcpServerRefs: ['near', 'bare', 'far', 'here', 'v6', 'own'] },
    objects: {
      'McpServer/near': { url: 'http://mcp.tools.svc.cluster.local:8080/mcp' },
      'McpServer/bare': { url: 'http://mcp/mcp' },
      'McpServer/far': { url: 'https://mcp.example.com/mcp' },
      'McpServer/here': { url: 'http://localhost:3000' },
      'McpServer/v6': { url: 'http://[2001:db8::7]:3000' },
      'McpServer/own': { command: 'npx' },
    },
    want: [
      DNS,
      { to: [namespace('agents')] },
      { to: [namespace('tools')] },
      { to: [{ ipBlock: { cidr: '2001:db8::7/128' } }], ports: tcp(3000) },
      { to: WORLD, ports: tcp(443) },
    ],
  },
]

describe('what an AgentJob leads to is opened', () => {
  test.each(cases)('$name', ({ spec = {}, objects, settings, want }) => {
    const output = made(spec, objects, settings)
    expect(output.expansion.problems).toEqual([])
    expect<object[]>(rulesOf(output)).toEqual(want)
  })
})
