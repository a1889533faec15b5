import { describe, expect, test } from 'bun:test'
import { formatFinding } from '../../api/finding.ts'
import { expand } from '../expand.ts'
import { inputFor } from '../fixtures.ts'
import { expandInvalid } from '../invalid.ts'
import { Settings } from '../settings.ts'
import { isPolicy } from './egress.ts'
import { DNS, made, on, rulesOf, runtime, tcp } from './fixtures.ts'

describe('what is said', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
  const asking = runtime({ egress: {} })

  test('where an AgentRuntime asks for limits that there are not', () => {
    const output = made({}, asking, Settings.parse({}))
    expect(output.warnings.map(formatFinding)).toEqual([
      'spec.runtimeRef: AgentRuntime "echo" has egress, and nothing limits where its pods go: egress is switched off in this cluster; ask whoever runs AgentJob here to set egress.enabled',
    ])
    expect(output.expansion.egress).toBe('Off')
    expect(output.expansion.resources.some(isPolicy)).toBe(false)
  })

  test('nothing, where nobody has named the settings', () => {
    const output = made({}, asking, { ...Settings.parse({}), egress: undefined })
    expect(output.warnings).toEqual([])
    expect(output.expansion.egress).toBeUndefined()
  })

  test('where an address of the cloud is meant, and nobody says so', () => {
    const objects = {
      'McpServer/metadata': { url: 'http://2852039166/' },
      'McpServer/own': { url: 'http://[fe80::1]/' },
    }
    const spec = { mcpServerRefs: ['metadata', 'own'] }
    const isOne = (cidr: string) =>
      `${cidr} is an address of nodes or of the cloud's metadata; if it is meant, name it in cidrs of egress.to of AgentRuntime "echo"`
    expect(made(spec, objects).errors.map(formatFinding)).toEqual([
      `spec.mcpServerRefs: McpServer "metadata": ${isOne('169.254.169.254/32')}`,
      `spec.mcpServerRefs: McpServer "own": ${isOne('fe80::1/128')}`,
    ])
    const meant = runtime({ egress: { to: [{ cidrs: ['169.254.169.254/32', 'fe80::/64'] }] } })
    expect(made(spec, { ...objects, ...meant }).errors).toEqual([])
    const but = runtime({ egress: { to: [{ cidrs: ['169.254.0.0/16', 'fe80::/64'], except: ['169.254.169.0/24'] }] } })
    expect(made(spec, { ...objects, ...but }).errors.length).toBe(1)
    expect(made(spec, objects, Settings.parse({})).errors).toEqual([])
  })

  test("nothing of the operator's own proxy", () => {
    const settings = Settings.parse({
      egress: { enabled: true },
      pods: { proxy: { https: 'http://169.254.3.3:3128' } },
    })
    const output = made({}, {}, settings)
    expect(output.errors).toEqual([])
    expect(rulesOf(output)).toContainEqual({ to: [{ ipBlock: { cidr: '169.254.3.3/32' } }], ports: tcp(3128) })
  })

  test('where a host looks like a Service of the same namespace', () => {
    const objects = {
      ...runtime({
        dialect: 'claude-code',
        env: [{ name: 'ANTHROPIC_BASE_URL', value: 'http://gateway.agents:8080' }],
        egress: { to: [{ hosts: ['db.agents', 'db.agents.svc', 'agents.example.com', 'a.b.agents'] }] },
      }),
      'McpServer/near': { url: 'http://mcp.agents/mcp' },
      'McpServer/far': { url: 'http://mcp.tools/mcp' },
    }
    const spec = { mcpServerRefs: ['near', 'far'] }
    const isOne = (name: string) =>
      `${name} is taken for a host outside of the cluster; if a Service of this namespace is meant, write ${name}.svc`
    expect(made(spec, objects).warnings.map(formatFinding)).toEqual([
      `spec.runtimeRef: its model: ${isOne('gateway.agents')}`,
      `spec.mcpServerRefs: McpServer "near": ${isOne('mcp.agents')}`,
      `spec.runtimeRef: egress.to[0] of AgentRuntime "echo": ${isOne('db.agents')}`,
    ])
    const { 'McpServer/near': near } = objects
    const off = made({ mcpServerRefs: ['near'] }, { 'McpServer/near': near }, Settings.parse({}))
    expect(off.warnings).toEqual([])
    // the operator's own proxy is nothing that whoever writes an AgentJob could write otherwise
    const proxied = Settings.parse({ ...on(), pods: { proxy: { https: 'http://proxy.agents:3128' } } })
    expect(made({}, {}, proxied).warnings).toEqual([])
  })

  test('where an agent with rights does not get to the API servers', () => {
    const output = made({ clusterAccessRef: 'reader' }, { 'ClusterAccess/reader': { rules } })
    expect(output.warnings.map(({ path }) => path)).toEqual(['spec.clusterAccessRef'])
  })
})

describe('switched on and off', () => {
  const OFF = Settings.parse({})

  test('no run is due by it, and nothing else of an expansion changes', () => {
    for (const redeploy of ['OnSpecChange', 'OnChange', 'Never']) {
      const before = made({ redeploy }, {}, OFF)
      const after = made({ redeploy }, {}, on(), before.expansion)
      const { egress, resources, ...rest } = after.expansion
      expect({ ...rest, resources: resources.filter((child) => !isPolicy(child)) }).toEqual(before.expansion)
      expect(made({ redeploy }, {}, OFF, after.expansion).expansion).toEqual(before.expansion)
    }
  })

  test('no run is due by the egress of an AgentRuntime', () => {
    const before = made({ redeploy: 'OnChange' }, runtime({ egress: { to: [{ cidrs: ['10.0.0.0/8'] }] } }))
    const after = made({ redeploy: 'OnChange' }, runtime({ egress: {} }), on(), before.expansion)
    expect(after.expansion.revision).toBe(before.expansion.revision)
    expect(after.expansion.configHash).toBe(before.expansion.configHash)
    expect(after.expansion.references).not.toEqual(before.expansion.references)
  })

  test('with something in the way, policies go with it', () => {
    const before = made({}, {}, on())
    const missing = { 'AgentRuntime/echo': undefined }
    const kept = made({}, missing, on(), before.expansion)
    expect(kept.expansion.resources.filter(isPolicy)).toEqual(before.expansion.resources.filter(isPolicy))
    const gone = made({}, missing, OFF, before.expansion)
    expect(gone.expansion.resources.filter(isPolicy)).toEqual([])
    expect(gone.expansion.egress).toBeUndefined()
  })

  test('with something in the way, what it is made of is not told wrong', () => {
    const asking = runtime({ egress: {} })
    const missing = { ...asking, 'McpServer/a': undefined }
    const spec = { mcpServerRefs: ['a'] }
    const there = { ...asking, 'McpServer/a': { url: 'https://mcp.example.com' } }
    const off = made(spec, there, OFF).expansion
    expect(off.egress).toBe('Off')
    // asked for, and still not there
    expect(made(spec, missing, OFF, off).expansion.egress).toBe('Off')
    // switched on, and the AgentRuntime is not there that says what is open: without a policy so far
    expect(made(spec, { 'AgentRuntime/echo': undefined }, on(), off).expansion.egress).toBeUndefined()
    expect(made(spec, missing, on(), off).expansion.egress).toBe(made(spec, there).expansion.egress as string)
    // switched off, with none any more
    expect(made(spec, missing, OFF, made(spec, there).expansion).expansion.egress).toBe('Off')
  })

  test('with something in the way, policies follow what resolves, and each is asked for the same again', () => {
    const spec = { mcpServerRefs: ['a'], clusterAccessRef: 'reader' }
    const wide = runtime({ egress: { to: [{ cidrs: ['192.0.2.0/24'] }] } })
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
    const others = { 'McpServer/a': { url: 'https://mcp.example.com' }, 'ClusterAccess/reader': { rules } }
    const api = { apiServer: ['192.0.2.1/32'] }
    const before = made(spec, { ...wide, ...others }, on(api))
    expect(rulesOf(before).length).toBe(4)
    const narrow = { ...runtime({ egress: {} }), ...others, 'McpServer/a': undefined }
    const after = expand(
      inputFor(spec, narrow, { settings: on(api), previous: before.expansion, specChanged: false, grants: [] }),
    )
    expect(after.expansion.problems.map(({ reason }) => reason)).toEqual(['ReferenceNotFound', 'Forbidden'])
    // neither the server nor the rights are there any more
    expect(rulesOf(after)).toEqual([DNS])
    expect(made(spec, narrow, on(api), made(spec, narrow, on(api), before.expansion).expansion)).toEqual(
      made(spec, narrow, on(api), before.expansion),
    )
    const other = made(spec, narrow, on({ ...api, dns: ['192.0.2.53/32'] }), before.expansion)
    expect(other.expansion.egress).not.toBe(before.expansion.egress as string)
  })

  test('with something in the way of what has never run, there is no policy', () => {
    const first = made({ mcpServerRefs: ['a'] })
    expect(first.expansion.resources).toEqual([])
    expect(made({ mcpServerRefs: ['a'] }, {}, on(), first.expansion).expansion).toEqual(first.expansion)
  })

  test('an expansion of a newer renderer follows the settings all the same', () => {
    const newer = (settings: Settings) => ({ ...made({}, {}, settings).expansion, renderer: 99 })
    const now = (settings: Settings, before: Settings) => made({}, {}, settings, newer(before)).expansion
    expect(now(on(), OFF).resources.some(isPolicy)).toBe(true)
    expect(now(OFF, on()).resources.some(isPolicy)).toBe(false)
    expect(now(on(), on()).renderer).toBe(99)
    const pods = Settings.parse({ pods: { resources: { requests: { cpu: '1' } } } })
    expect(now(pods, OFF).settingsHash).toBe(made({}, {}, pods).expansion.settingsHash as string)
  })

  test('a spec that is no longer valid keeps the policies that are looked after', () => {
    const kindsOf = (before: Settings, now: Settings) => {
      const { egress, resources } = expandInvalid({}, [], made({}, {}, before).expansion, now)
      return [egress !== undefined, resources.filter(isPolicy).map(({ kind }) => kind)]
    }
    expect(kindsOf(on(), on())).toEqual([true, ['NetworkPolicy']])
    expect(kindsOf(on({ hosts: 'Cilium' }), on())).toEqual([true, ['NetworkPolicy']])
    expect(kindsOf(on(), OFF)).toEqual([false, []])
  })

  test('of what it is made decides its mark, and of nothing else', () => {
    const mark = (more: object) => made({}, {}, on(more)).expansion.egress
    expect(mark({ enforcedBy: 'calico', cleanUp: true })).toBe(mark({}) as string)
    const pods = [{ namespace: 'dns', labels: { app: 'dns' } }]
    const others = [
      { hosts: 'Cilium' },
      { private: [] },
      { dnsPods: pods },
      { dns: ['10.0.0.10/32'] },
      { apiServer: ['10.0.0.1/32'] },
    ]
    for (const more of [...others, { apiServerPorts: [443] }, { ceiling: { enabled: true, selectors: true } }])
      expect(mark(more)).not.toBe(mark({}) as string)
  })
})
