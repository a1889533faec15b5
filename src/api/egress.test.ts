import { describe, expect, test } from 'bun:test'
import { agentRuntime } from './agentruntime.ts'
import { formatFinding } from './finding.ts'
import { API_VERSION } from './kind.ts'
import { validate } from './validate.ts'

const NOBODY =
  'must name hosts, cidrs, a namespaceSelector or a podSelector; a destination without any would be everything'
const NAME =
  'must be the name of a host such as api.example.com, or *.example.com for those below it, in lower case: no https://, no port, no path'
const host = (text: string) => `spec.egress.to[0].hosts[0]: ${NAME}, not "${text}"`

const cases: { name: string; to: unknown[]; want: string[] }[] = [
  { name: 'nothing', to: [], want: [] },
  {
    name: 'one of each',
    to: [
      { hosts: ['api.example.com', '*.example.org'] },
      { cidrs: ['10.0.0.0/8', '2001:db8::/32'], except: ['10.1.0.0/16'], ports: [{ port: 443 }] },
      { podSelector: { matchLabels: { app: 'db' } }, ports: [{ port: 5432, endPort: 5433, protocol: 'TCP' }] },
      { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] } },
    ],
    want: [],
  },
  { name: 'everything, by nobody', to: [{}], want: [`spec.egress.to[0]: ${NOBODY}`] },
  { name: 'ports of nobody', to: [{ ports: [{ port: 443 }] }], want: [`spec.egress.to[0]: ${NOBODY}`] },
  { name: 'an empty list', to: [{ cidrs: [] }], want: ['spec.egress.to[0].cidrs: must not be empty'] },
  { name: 'a URL', to: [{ hosts: ['https://api.example.com'] }], want: [host('https://api.example.com')] },
  { name: 'a port', to: [{ hosts: ['api.example.com:443'] }], want: [host('api.example.com:443')] },
  { name: 'a path', to: [{ hosts: ['example.com/v1'] }], want: [host('example.com/v1')] },
  { name: 'capitals', to: [{ hosts: ['API.example.com'] }], want: [host('API.example.com')] },
  { name: 'every host', to: [{ hosts: ['*'] }], want: [host('*')] },
  { name: 'a star within', to: [{ hosts: ['api-*.example.com'] }], want: [host('api-*.example.com')] },
  { name: 'two stars', to: [{ hosts: ['*.*.example.com'] }], want: [host('*.*.example.com')] },
  {
    name: 'an address for a host',
    to: [{ hosts: ['169.254.169.254'] }],
    want: ['spec.egress.to[0].hosts[0]: is an address; write it into cidrs, such as 192.0.2.10/32'],
  },
  {
    name: 'an address that is no block',
    to: [{ cidrs: ['10.0.0.1/8'] }],
    want: ['spec.egress.to[0].cidrs[0]: has bits behind its prefix; write 10.0.0.0/8'],
  },
  {
    name: 'a port that is none',
    to: [{ cidrs: ['10.0.0.0/8'], ports: [{ port: 0 }, { port: 70000 }, { port: 5, endPort: 4 }] }],
    want: [
      'spec.egress.to[0].ports[0].port: must be at least 1',
      'spec.egress.to[0].ports[1].port: must be at most 65535',
      'spec.egress.to[0].ports[2]: endPort must not be below port',
    ],
  },
  {
    name: 'another protocol',
    to: [{ cidrs: ['10.0.0.0/8'], ports: [{ port: 1, protocol: 'ICMP' }] }],
    want: ['spec.egress.to[0].ports[0].protocol: must be TCP, UDP or SCTP, not "ICMP"'],
  },
  {
    name: 'exceptions of nothing',
    to: [
      { hosts: ['example.com'], except: ['10.0.0.0/8'] },
      { cidrs: ['10.0.0.0/8'], except: ['11.0.0.0/8'] },
      { cidrs: ['10.0.0.0/8'], except: ['10.0.0.0/8'] },
    ],
    want: [
      'spec.egress.to[0]: except goes with cidrs',
      'spec.egress.to[1].except[0]: is in none of cidrs, so there is nothing to leave out; remove it',
      'spec.egress.to[2].except[0]: leaves out all of cidrs; remove both, or write a smaller one',
    ],
  },
  {
    name: 'a selector with values of nothing',
    to: [
      { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      { podSelector: { matchExpressions: [{ key: 'a', operator: 'NotIn' }] } },
    ],
    want: [
      'spec.egress.to[0].podSelector.matchExpressions[0]: values go with In and NotIn, which need some',
      'spec.egress.to[1].podSelector.matchExpressions[0]: values go with In and NotIn, which need some',
    ],
  },
]

describe('egress of an AgentRuntime', () => {
  test.each(cases)('$name', ({ to, want }) => {
    const spec = { image: 'echo', egress: { to } }
    const object = { apiVersion: API_VERSION, kind: 'AgentRuntime', metadata: { name: 'a' }, spec }
    expect(validate(agentRuntime, object).errors.map(formatFinding)).toEqual(want)
  })
})
