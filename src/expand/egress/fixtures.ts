import type { Expansion } from '../../api/expansion.ts'
import { expand } from '../expand.ts'
import { inputFor, type Objects } from '../fixtures.ts'
import { Settings } from '../settings.ts'

/** Settings, what an AgentJob comes to by them, and rules of NetworkPolicies, for the tests of this folder. */

/** Settings with egress enabled. */
export const on = (more: object = {}) => Settings.parse({ egress: { enabled: true, ...more } })

/** What an AgentJob with this spec among these objects comes to. */
export const made = (spec: object, objects: Objects = {}, settings = on(), previous?: Expansion) =>
  expand(inputFor(spec, objects, { settings, previous, specChanged: previous === undefined }))

type Rule = { to: unknown[]; ports?: { protocol: string; port: number }[] }

/** The rules of its NetworkPolicy. */
export function rulesOf({ expansion }: ReturnType<typeof made>): Rule[] {
  const policy = expansion.resources.find(({ kind }) => kind === 'NetworkPolicy')
  return (policy?.spec as { egress?: Rule[] } | undefined)?.egress ?? []
}

/** What opens something: by this spec, among these objects and by these settings, to these rules. */
export interface Case {
  name: string
  spec?: object
  objects?: Objects
  settings?: Settings
  want: object[]
}

/** All pods of a namespace, as a peer. */
export const namespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})
/** Those of them with labels. */
export const dnsPods = (name: string, matchLabels: object) => ({ ...namespace(name), podSelector: { matchLabels } })
/** A port at which names are looked up. */
export const both = (port: number) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port }))
/** The rule by which names are looked up, unless the settings say otherwise. */
export const DNS = {
  to: [dnsPods('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: both(53),
}
/** Every address that is not private by default. */
export const WORLD = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '100.64.0.0/10'],
        ...['198.18.0.0/15', '168.63.129.16/32'],
      ],
    },
  },
  { ipBlock: { cidr: '::/0', except: ['fc00::/7', 'fe80::/10', '64:ff9b::/96'] } },
]
/** Ports of TCP. */
export const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP', port }))

/** The AgentRuntime echo with more in its spec. */
export const runtime = (spec: object) => ({ 'AgentRuntime/echo': { image: 'echo', ...spec } })
