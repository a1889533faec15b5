import { expect, test } from 'bun:test'
import { deriveStatus } from './derive.ts'
import type { Observed } from './observed.ts'
import { kstatusOf } from './testdata/kstatus.ts'
import { complete, job, observed, terminated } from './testdata/observed.ts'

const POLICY = { kind: 'NetworkPolicy', name: 'a-egress' }
const CILIUM = { kind: 'CiliumNetworkPolicy', name: 'a-egress' }

interface Case {
  name: string
  /** Of the expansion. */
  egress?: string
  policies?: { kind: string; name: string }[]
  owned?: { kind: string; name: string }[]
  limits?: Observed['egress']
  failures?: Observed['failures']
  verified?: boolean
  want?: { status: string; reason: string; message: string }
}

const THERE = { egress: 'h1', policies: [POLICY], owned: [POLICY] }

const cases: Case[] = [
  { name: 'nobody asks for limits' },
  {
    name: 'an AgentRuntime asks for limits that there are not',
    egress: 'Off',
    want: {
      status: 'False',
      reason: 'EgressDisabled',
      message:
        "AgentRuntime echo has egress, and nothing limits where its pods go: egress.enabled of the operator's settings is not set",
    },
  },
  {
    name: 'a policy that nobody is known to enforce',
    ...THERE,
    limits: { hash: 'h1' },
    want: {
      status: 'Unknown',
      reason: 'NoKnownEnforcer',
      message:
        "NetworkPolicy a-egress: no network plugin that enforces NetworkPolicies is known; egress.enforcedBy of the operator's settings names one",
    },
  },
  {
    name: 'a policy that somebody enforces',
    ...THERE,
    limits: { hash: 'h1', enforcer: 'calico' },
    want: { status: 'True', reason: 'Enforced', message: 'NetworkPolicy a-egress, enforced by calico' },
  },
  {
    name: 'two policies',
    egress: 'h1',
    policies: [POLICY, CILIUM],
    owned: [POLICY, CILIUM],
    limits: { hash: 'h1', enforcer: 'Cilium' },
    want: {
      status: 'True',
      reason: 'Enforced',
      message: 'NetworkPolicy a-egress and CiliumNetworkPolicy a-egress, enforced by Cilium',
    },
  },
  {
    name: 'one of two policies',
    egress: 'h1',
    policies: [POLICY, CILIUM],
    owned: [POLICY],
    limits: { hash: 'h1', enforcer: 'Cilium' },
    want: { status: 'False', reason: 'NotInPlace', message: 'CiliumNetworkPolicy a-egress is not there' },
  },
  {
    name: 'no policy of ours',
    ...THERE,
    owned: [],
    limits: { hash: 'h1', enforcer: 'calico' },
    want: { status: 'False', reason: 'NotInPlace', message: 'NetworkPolicy a-egress is not there' },
  },
  {
    name: 'a policy by other settings',
    ...THERE,
    limits: { hash: 'h2', enforcer: 'calico' },
    want: {
      status: 'False',
      reason: 'Outdated',
      message: "NetworkPolicy a-egress: made by earlier settings of the operator's, and still in force",
    },
  },
  {
    name: 'a policy that could not be changed',
    ...THERE,
    limits: { hash: 'h1', enforcer: 'calico' },
    failures: [
      { reason: 'Other', message: 'is not one' },
      { reason: 'Refused', message: 'NetworkPolicy a-egress: no', policy: true },
    ],
    want: { status: 'False', reason: 'NotInPlace', message: 'NetworkPolicy a-egress: no' },
  },
  {
    name: 'an expansion from before',
    limits: { hash: 'h1', enforcer: 'calico' },
    want: {
      status: 'False',
      reason: 'NotInPlace',
      message: 'its expansion is one from before egress was switched on',
    },
  },
  {
    name: 'an expansion from before, that asks for limits',
    egress: 'Off',
    limits: { hash: 'h1' },
    want: {
      status: 'False',
      reason: 'NotInPlace',
      message: 'its expansion is one from before egress was switched on',
    },
  },
  { name: 'a policy that is left from before', ...THERE },
  { name: 'an expansion that is not ours', ...THERE, limits: { hash: 'h1', enforcer: 'calico' }, verified: false },
]

/** A run that has succeeded, seen with these policies. */
function seen({ egress, policies = [], owned = [], limits, failures = [], verified }: Case): Observed {
  const run = { job: job('e1', { status: complete }), pods: [terminated(0)] }
  const given = observed({ runs: [run], owned, verified })
  const { expansion } = given.job
  const children = policies.map(({ kind, name }) => ({ apiVersion: 'v1', kind, metadata: { name } }))
  const marked = expansion && { ...expansion, egress, resources: [...children, ...expansion.resources] }
  return { ...given, egress: limits, failures, job: { ...given.job, expansion: marked } }
}

test.each(cases)('EgressEnforced: $name', (given) => {
  const claimed = deriveStatus(seen(given)).conditions?.find(({ type }) => type === 'EgressEnforced')
  if (!given.want) expect(claimed).toBeUndefined()
  else expect(claimed).toMatchObject(given.want)
})

test.each(cases.filter(({ verified }) => verified !== false))('has no weight for anything else: $name', (given) => {
  const without = deriveStatus(seen({ name: '' }))
  const { conditions, ...status } = deriveStatus(seen(given))
  const others = conditions?.filter(({ type }) => !['EgressEnforced', 'Expanded'].includes(type))
  expect(others).toEqual(without.conditions?.filter(({ type }) => type !== 'Expanded') as typeof others)
  expect({ ...status, ownedResources: undefined }).toEqual({
    ...without,
    conditions: undefined,
    ownedResources: undefined,
  } as never)
  const object = seen(given).job
  expect(kstatusOf({ ...object, status: { ...status, conditions } })).toBe('Current')
})
