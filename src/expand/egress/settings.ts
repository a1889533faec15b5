import { z } from 'zod'
import { cidrByPattern } from '../../api/cidr.ts'
import { egressHost } from '../../api/egress.ts'
import { FIRST, objectName } from '../../api/fields.ts'
import { hash } from '../../api/hash.ts'
import { labels } from '../../api/podmetadata.ts'

const cidrs = (description: string, fallback: string[] = []) =>
  z.array(cidrByPattern).max(64).default(fallback).meta({ description })

const portNumber = z.int().min(1).max(65535)

/** Pods that look names up. By a label alone any tenant's would be some: they answer as they like, and pass on what they get. */
const dnsPods = z.strictObject({
  namespace: objectName('Their namespace.').max(63, FIRST),
  labels: labels('')
    .unwrap()
    .refine((given) => Object.keys(given).length > 0, 'must have a label; every pod of the namespace would be one')
    .meta({ description: 'Labels that they have.', minProperties: 1, maxProperties: 64 }),
  port: portNumber
    .default(53)
    .meta({ description: "The port on which they listen, which need not be their Service's." }),
})

/** How names of hosts are held to: a NetworkPolicy knows none. */
export const HOSTS = ['Ports', 'Cilium'] as const

/** The members of the settings about where agents' pods may go. */
export const egressShape = {
  enabled: z.boolean().default(false).meta({
    description:
      'Whether each AgentJob gets a NetworkPolicy that lets its pods go to what it leads to, and nowhere else. Network policies add up: where a namespace denies everything, this opens what AgentJobs lead to.',
  }),
  hosts: z.enum(HOSTS).default('Ports').meta({
    description:
      'How names of hosts are held to. Ports: the port of each is opened to every address that is not private, because a NetworkPolicy knows no names. Cilium: the names alone, by a CiliumNetworkPolicy.',
  }),
  enforcedBy: z.string().min(1, FIRST).max(253, FIRST).optional().meta({
    description:
      'Name of the network plugin that enforces NetworkPolicies in this cluster, as the condition EgressEnforced tells it. Nobody can ask a cluster for it.',
  }),
  private: cidrs(
    'Addresses that are no host by its name: those of the cluster, of the cloud, of the own network. Cilium opens what a name is answered with; of these, link-local addresses and the metadata services of clouds are denied there.',
    [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '169.254.0.0/16',
      '100.64.0.0/10',
      '198.18.0.0/15',
      '168.63.129.16/32',
      'fc00::/7',
      'fe80::/10',
      '64:ff9b::/96',
    ],
  ),
  dnsPods: z
    .array(dnsPods)
    .max(16)
    .default([{ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, port: 53 }])
    .meta({ description: 'Pods at which names are looked up: the namespace, the labels and the port of each kind.' }),
  dns: cidrs(
    "Further addresses at which names are looked up, on port 53: NodeLocal DNSCache's where it is at the node's own.",
  ),
  apiServer: cidrs(
    "Addresses of the API servers, as pods' packets have them: for agents with a ClusterAccess. Cilium knows them by itself.",
  ),
  apiServerPorts: z
    .array(portNumber)
    .min(1)
    .max(16)
    .default([443, 6443])
    .meta({ description: 'Ports of the API servers.' }),
  ceiling: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether an AgentJob that leads to anything else is refused.' }),
      hosts: z
        .array(egressHost)
        .max(256)
        .default([])
        .meta({ description: 'Names of hosts that it may lead to; *.example.com is each below example.com.' }),
      ports: z.array(portNumber).max(64).default([443]).meta({
        description: 'Ports at which it may lead to hosts that have a name: 22 for Git over ssh, 80 for http://.',
      }),
      cidrs: cidrs('Addresses that it may lead to, on every port.'),
      selectors: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether it may lead to pods and Services of the cluster, whichever they are.' }),
    })
    .prefault({})
    .meta({ description: 'The most that AgentJobs and AgentRuntimes may open.' }),
  cleanUp: z.boolean().default(false).meta({
    description:
      'Whether the controller removes the policies of an earlier time while it is switched off; each when no run of its AgentJob is under way. Without, they stay.',
  }),
}

/** What the operator of a cluster decides about where agents' pods may go. */
export const EgressSettings = z.strictObject(egressShape)
export type EgressSettings = z.output<typeof EgressSettings>

/** The kinds of policies that a controller looks after; `undefined` settings are those that are off. */
export function policyKinds(egress: Partial<EgressSettings> | undefined): string[] {
  if (!egress?.enabled && !egress?.cleanUp) return []
  return egress.hosts === 'Cilium' ? ['NetworkPolicy', 'CiliumNetworkPolicy'] : ['NetworkPolicy']
}

/** By whom policies are enforced; undefined where nobody knows. */
export const enforcerOf = ({ hosts, enforcedBy }: EgressSettings): string | undefined =>
  enforcedBy ?? (hosts === 'Cilium' ? 'Cilium' : undefined)

const BY_DEFAULT = EgressSettings.parse({})

/**
 * What is set and does nothing, a sentence each: somebody takes it for a limit that is there. Who prepares the rest before
 * it is enabled takes it for none.
 */
export function withoutEffect(settings: EgressSettings | undefined): string[] {
  if (!settings) return []
  const { enabled, ceiling, enforcedBy } = settings
  const hasCeiling = hash(ceiling, 16) !== hash(BY_DEFAULT.ceiling, 16)
  if (enabled)
    return hasCeiling && !ceiling.enabled
      ? ['egress.ceiling has no effect while egress.ceiling.enabled is not set']
      : []
  const set = [...(hasCeiling ? ['ceiling'] : []), ...(enforcedBy === undefined ? [] : ['enforcedBy'])]
  return set.map((name) => `egress.${name} has no effect while egress.enabled is not set`)
}

/** Of what a policy is made beside an AgentJob: where it changes, policies are to be made anew. */
export function egressHash(settings: EgressSettings): string {
  const { hosts, private: own, dnsPods, dns, apiServer, apiServerPorts, ceiling } = settings
  return hash({ hosts, private: own, dnsPods, dns, apiServer, apiServerPorts, ceiling }, 16)
}
