import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../../api/finding.ts'
import { Settings } from '../settings.ts'
import { isPolicy } from './egress.ts'
import { DNS, made, on, rulesOf, runtime, tcp, WORLD } from './fixtures.ts'

describe('under a ceiling', () => {
  const ceiling = (more: object = {}) => on({ ceiling: { enabled: true, ...more } })
  const objects = {
    ...runtime({
      dialect: 'claude-code',
      egress: {
        to: [{ hosts: ['a.example.com', '*.b.example.com'] }, { cidrs: ['10.1.0.0/16'] }, { podSelector: {} }],
      },
    }),
    'McpServer/near': { url: 'http://mcp.tools.svc/mcp' },
    'McpServer/metadata': { url: 'http://169.254.169.254/' },
  }
  const spec = { mcpServerRefs: ['near', 'metadata'] }
  const host = (name: string) =>
    `${name} may not be reached here; have it added to egress.ceiling.hosts of the operator's settings`
  const block = (name: string) =>
    `${name} may not be reached here; have it added to egress.ceiling.cidrs of the operator's settings`
  const PODS = "may not be reached here; egress.ceiling.selectors of the operator's settings is not set"

  test('what is beyond it is refused, with everything that leads there', () => {
    expect(made(spec, objects, ceiling()).errors.map(formatFinding)).toEqual([
      `spec.runtimeRef: its model: ${host('api.anthropic.com')}`,
      `spec.mcpServerRefs: McpServer "near": Services of namespace tools ${PODS}`,
      `spec.mcpServerRefs: McpServer "metadata": ${block('169.254.169.254/32')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${host('a.example.com')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${host('*.b.example.com')}`,
      `spec.runtimeRef: egress.to[1] of AgentRuntime "echo": ${block('10.1.0.0/16')}`,
      `spec.runtimeRef: egress.to[2] of AgentRuntime "echo": pods of the cluster ${PODS}`,
    ])
  })

  test('what is within it is not', () => {
    const wide = { hosts: ['*.example.com', 'api.anthropic.com'], cidrs: ['10.0.0.0/8', '169.254.169.254/32'] }
    expect(made(spec, objects, ceiling({ ...wide, selectors: true })).errors).toEqual([])
  })

  test("the operator's own proxy is not, and another one in its place is", () => {
    const proxy = { http: 'http://proxy.example.com:3128', https: 'http://10.0.0.3:3128' }
    const settings = Settings.parse({ egress: { enabled: true, ceiling: { enabled: true } }, pods: { proxy } })
    const output = made({}, {}, settings)
    expect(output.errors).toEqual([])
    expect(rulesOf(output)).toEqual([
      DNS,
      { to: [{ ipBlock: { cidr: '10.0.0.3/32' } }], ports: tcp(3128) },
      { to: WORLD, ports: tcp(3128) },
    ])
    const mine = made({ env: [{ name: 'HTTPS_PROXY', value: 'http://10.0.0.4:3128' }] }, {}, settings)
    expect(mine.errors.map(formatFinding)).toEqual([
      `spec.runtimeRef: its variable HTTPS_PROXY: ${block('10.0.0.4/32')}`,
    ])
  })

  test('a port of a name is held to it', () => {
    const ports = [{ port: 1, endPort: 65535 }, { port: 443 }, { port: 22, endPort: 23 }, { port: 53, protocol: 'UDP' }]
    const wide = runtime({ egress: { to: [{ hosts: ['github.com'], ports }] } })
    const port = (which: string) =>
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": port ${which} of github.com may not be reached here; have it added to egress.ceiling.ports of the operator's settings`
    const hosts = ['github.com']
    const errors = (more: object) => made({}, wide, ceiling({ hosts, ...more })).errors.map(formatFinding)
    expect(errors({})).toEqual([port('1 to 65535, 22 to 23, 53')])
    expect(errors({ ports: [22, 443] })).toEqual([port('1 to 65535, 22 to 23, 53')])
    expect(errors({ ports: [22, 23, 23, 443, 53] })).toEqual([port('1 to 65535')])
    const byUrl = made({ mcpServerRefs: ['a'] }, { 'McpServer/a': { url: 'http://github.com/' } }, ceiling({ hosts }))
    expect(byUrl.errors.length).toBe(1)
    expect(made({}, runtime({ egress: { to: [{ hosts }] } }), ceiling({ hosts })).errors).toEqual([])
  })

  test('a name is not taken for one that ends as it does', () => {
    const one = runtime({ egress: { to: [{ hosts: ['example.com', 'badexample.com'] }] } })
    expect(made({}, one, ceiling({ hosts: ['*.example.com'] })).errors.length).toBe(2)
  })

  test('a touch is not refused: what is there stays, and a schedule pauses', () => {
    const there = { ...objects, 'McpServer/metadata': { url: 'http://192.0.2.9/' } }
    const before = made({ ...spec, schedule: '@daily' }, there)
    const after = made({ ...spec, schedule: '@daily' }, there, ceiling(), before.expansion)
    expect(after.errors).toEqual([])
    expect(after.expansion.problems.length).toBe(7)
    expect(after.expansion.resources.filter(isPolicy)).toEqual(before.expansion.resources.filter(isPolicy))
    expect(after.expansion.egress).toBe(before.expansion.egress as string)
    expect(after.expansion.resources.find(({ kind }) => kind === 'CronJob')?.spec).toMatchObject({ suspend: true })
  })
})
