import { describe, expect, test } from 'bun:test'
import { type HostPlace, placeOfHost, placeOfPattern } from './host.ts'

const address = (cidr: string): HostPlace => ({ kind: 'address', cidr })
const service = (namespace: string): HostPlace => ({ kind: 'service', namespace })
const named = (name: string): HostPlace => ({ kind: 'name', name })
const nowhere: HostPlace = { kind: 'nowhere' }

const cases: { host: string; want: HostPlace }[] = [
  { host: 'github.com', want: named('github.com') },
  { host: 'GitHub.com.', want: named('github.com') },
  { host: '*.example.com', want: nowhere },
  // NAME.NAMESPACE looks like any other host
  { host: 'mcp.tools', want: named('mcp.tools') },
  { host: 'mcp', want: service('agents') },
  { host: 'mcp.tools.svc', want: service('tools') },
  { host: 'mcp.tools.svc.cluster.local', want: service('tools') },
  { host: 'pod-0.mcp.tools.svc.cluster.local', want: service('tools') },
  // a name that others can have registered
  { host: 'mcp.tools.svc.example.com', want: named('mcp.tools.svc.example.com') },
  { host: '203.0.113.7', want: address('203.0.113.7/32') },
  { host: '[2001:db8::7]', want: address('2001:db8::7/128') },
  { host: '127.0.0.1', want: nowhere },
  { host: '[::1]', want: nowhere },
  { host: 'localhost', want: nowhere },
  { host: 'model.localhost', want: nowhere },
  { host: '[::ffff:a9fe:a9fe]', want: nowhere },
  { host: '010.0.0.1', want: nowhere },
  { host: '$(host).example.com', want: nowhere },
  { host: '', want: nowhere },
  // what a CiliumNetworkPolicy could not hold
  { host: 'a..b.com', want: nowhere },
  { host: '.example.com', want: nowhere },
  { host: '-a.example.com', want: nowhere },
  { host: `${'a'.repeat(64)}.example.com`, want: nowhere },
  { host: `${'a'.repeat(63)}.example.com`, want: named(`${'a'.repeat(63)}.example.com`) },
  { host: `${'a.'.repeat(126)}com`, want: nowhere },
  { host: `${'a.'.repeat(125)}com`, want: named(`${'a.'.repeat(125)}com`) },
]

describe('what a host is to an AgentJob of namespace agents', () => {
  test.each(cases)('$host', ({ host, want }) => expect(placeOfHost(host, 'agents')).toEqual(want))
})

test.each([
  { host: 'api.example.com', want: named('api.example.com') },
  { host: '*.example.com', want: named('*.example.com') },
  { host: '*.tools.svc', want: service('tools') },
  { host: '*.mcp.tools.svc.cluster.local', want: service('tools') },
])('what $host of an AgentRuntime is', ({ host, want }) => expect(placeOfPattern(host, 'agents')).toEqual(want))
