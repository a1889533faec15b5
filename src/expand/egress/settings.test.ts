import { expect, test } from 'bun:test'
import { EgressSettings, withoutEffect } from './settings.ts'

const CEILING = 'egress.ceiling has no effect while egress.enabled is not set'
const ENFORCED_BY = 'egress.enforcedBy has no effect while egress.enabled is not set'
const hosts = ['api.example.com']

test.each<{ name: string; given: object; want: string[] }>([
  { name: 'nothing', given: {}, want: [] },
  { name: 'a ceiling', given: { ceiling: { enabled: true, hosts } }, want: [CEILING] },
  { name: 'a ceiling that is not enabled either', given: { ceiling: { hosts } }, want: [CEILING] },
  { name: 'a plugin', given: { enforcedBy: 'Calico' }, want: [ENFORCED_BY] },
  { name: 'both', given: { enforcedBy: 'Calico', ceiling: { enabled: true } }, want: [CEILING, ENFORCED_BY] },
  {
    name: 'a ceiling that is not enabled, below egress that is',
    given: { enabled: true, ceiling: { hosts } },
    want: ['egress.ceiling has no effect while egress.ceiling.enabled is not set'],
  },
  { name: 'all enabled', given: { enabled: true, enforcedBy: 'Calico', ceiling: { enabled: true, hosts } }, want: [] },
  { name: 'the defaults, written out', given: { ceiling: { ports: [443], hosts: [] } }, want: [] },
  // the chart sets hosts by what the cluster serves, and addresses are got ready beforehand
  { name: 'what is got ready', given: { hosts: 'Cilium', dns: ['169.254.20.10/32'], cleanUp: true }, want: [] },
])('what is set and does nothing: $name', ({ given, want }) =>
  expect(withoutEffect(EgressSettings.parse(given))).toEqual(want),
)

test('settings that nobody has named', () => expect(withoutEffect(undefined)).toEqual([]))
