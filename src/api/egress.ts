import { z } from 'zod'
import { cidr, isEverything, isWithin } from './cidr.ts'
import { FIRST } from './fields.ts'
import { type Finding, fieldPath } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { isLabelKey, isLabelValue } from './labels.ts'
import { labels } from './podmetadata.ts'
import { ruled } from './ruled.ts'

/*
 * None of what stands in these lists has a default: they are atomic, and whoever applies them would see a difference.
 */

const HOST = /^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const LIKE_AN_ADDRESS = /^[0-9.]+$/

/** The name of a host, or `*.` and what its name ends with. */
export const egressHost = z
  .string()
  .max(253, FIRST)
  .regex(HOST, {
    message:
      'must be the name of a host such as api.example.com, or *.example.com for those below it, in lower case: no https://, no port, no path',
    abort: true,
  })
  .refine((host) => !LIKE_AN_ADDRESS.test(host), 'is an address; write it into cidrs, such as 192.0.2.10/32')

const requirement = ruled(
  z.object({
    key: z
      .string()
      .max(317, FIRST)
      .refine(isLabelKey, 'must be the key of a label, such as app.kubernetes.io/name')
      .meta({ description: 'Key of the label.' }),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).meta({ description: 'How it is compared.' }),
    values: z
      .array(z.string().max(63, FIRST).refine(isLabelValue, 'must be the value of a label'))
      .max(64)
      .optional()
      .meta({ description: 'Values, for In and NotIn.', 'x-kubernetes-list-type': 'atomic' }),
  }),
  [
    {
      rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      message: 'values go with In and NotIn, which need some',
      holds: ({ operator, values }) => /In$/.test(operator ?? '') === Boolean(values?.length),
    },
  ],
)

const selector = (description: string) =>
  z
    .object({
      matchLabels: labels('Labels that it must have.'),
      matchExpressions: z
        .array(requirement)
        .max(32)
        .optional()
        .meta({ description: 'What its labels must be.', 'x-kubernetes-list-type': 'atomic' }),
    })
    .optional()
    .meta({ description })

const port = ruled(
  z.object({
    port: z.int().min(1).max(65535).meta({ description: 'The port; of a Service that of its pods.' }),
    endPort: z.int().min(1).max(65535).optional().meta({ description: 'Every port from port to this one.' }),
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional().meta({ description: 'TCP is assumed.' }),
  }),
  [
    {
      rule: '!has(self.endPort) || self.endPort >= self.port',
      message: 'endPort must not be below port',
      holds: ({ port = 0, endPort = port }) => endPort >= port,
    },
  ],
)

const destination = ruled(
  z.object({
    hosts: z.array(egressHost).min(1).max(64).optional().meta({
      description:
        "Names of hosts, or *.example.com for those below one. Where the operator's egress.hosts is Ports, the ports are opened to every address that is not private.",
      'x-kubernetes-list-type': 'set',
    }),
    cidrs: z
      .array(cidr)
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Addresses in CIDR form.', 'x-kubernetes-list-type': 'set' }),
    except: z
      .array(cidr)
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Addresses among cidrs that are left out.', 'x-kubernetes-list-type': 'set' }),
    namespaceSelector: selector(
      'Namespaces whose pods are meant, all of them where it is empty, as in networking.k8s.io/v1.',
    ),
    podSelector: selector(
      "Pods that are meant: of these namespaces, or without namespaceSelector of the AgentJob's own.",
    ),
    ports: z.array(port).min(1).max(32).optional().meta({
      description: 'Ports; every one where it is left out, of hosts 443.',
      'x-kubernetes-list-type': 'atomic',
    }),
  }),
  [
    {
      rule: 'has(self.hosts) || has(self.cidrs) || has(self.namespaceSelector) || has(self.podSelector)',
      message:
        'must name hosts, cidrs, a namespaceSelector or a podSelector; a destination without any would be everything',
      holds: ({ hosts, cidrs, namespaceSelector, podSelector }) =>
        [hosts, cidrs, namespaceSelector, podSelector].some((peer) => peer !== undefined),
    },
    {
      rule: '!has(self.except) || has(self.cidrs)',
      message: 'except goes with cidrs',
      holds: ({ except, cidrs }) => except === undefined || cidrs !== undefined,
    },
  ],
)
export type EgressDestination = z.output<typeof destination>

/** Where the pods of a runtime may go, beside what an AgentJob leads to. */
export const Egress = z
  .object({
    to: z
      .array(destination)
      .max(32)
      .optional()
      .meta({ description: 'Destinations, each with its ports.', 'x-kubernetes-list-type': 'atomic' }),
  })
  .optional()
  .meta({
    description:
      "Where the pods may go beside what an AgentJob leads to: its model, repositories, contexts, skills and MCP servers. Holds where the operator's egress.enabled is set and a network plugin enforces NetworkPolicies.",
  })

/** The rules of a runtime's egress that no schema can say; the spec may be of any shape. */
export function egressRules({ egress }: Fields): Finding[] {
  const list = isFields(egress) && Array.isArray(egress.to) ? egress.to : []
  return list.flatMap((entry: unknown, index) => {
    const { cidrs, except } = isFields(entry) ? entry : {}
    if (!Array.isArray(cidrs) || !Array.isArray(except)) return []
    return except.flatMap((text, at): Finding[] => {
      const path = fieldPath(['spec', 'egress', 'to', index, 'except', at])
      if (
        typeof text !== 'string' ||
        !cidr.safeParse(text).success ||
        !cidrs.every((one) => cidr.safeParse(one).success)
      )
        return []
      const around = cidrs.filter((one) => isWithin(text, one))
      if (!around.length) return [{ path, message: 'is in none of cidrs, so there is nothing to leave out; remove it' }]
      if (isEverything(text) || around.includes(text))
        return [{ path, message: 'leaves out all of cidrs; remove both, or write a smaller one' }]
      return []
    })
  })
}
