import { z } from 'zod'
import type { KindDefinition, Resource } from './kind.ts'
import { ruled } from './ruled.ts'

const words = (description: string, maxItems: number) =>
  z.array(z.string().max(253)).max(maxItems).optional().meta({ description, 'x-kubernetes-list-type': 'atomic' })

/** CEL for a list that is not there, or empty. */
const none = (list: string) => `(!has(self.${list}) || size(self.${list}) == 0)`
const isNone = (list: unknown) => !Array.isArray(list) || list.length === 0

export const PolicyRule = ruled(
  z.object({
    apiGroups: words("API groups; '' is the core group, '*' all of them.", 32),
    resources: words("Resources, RESOURCE/SUBRESOURCE for a subresource; '*' all of them.", 64),
    resourceNames: words('Names of the objects; all of them where it is empty.', 64),
    verbs: z
      .array(z.string().min(1).max(63))
      .min(1)
      .max(32)
      .meta({ description: "Verbs; '*' all of them.", 'x-kubernetes-list-type': 'atomic' }),
    nonResourceURLs: words('Paths outside of the resources, such as /metrics; only with scope Cluster.', 32),
  }),
  [
    {
      rule: `${none('nonResourceURLs')} || (${none('apiGroups')} && ${none('resources')})`,
      message: 'nonResourceURLs stand in a rule of their own, without apiGroups and resources',
      holds: (given) => isNone(given.nonResourceURLs) || (isNone(given.apiGroups) && isNone(given.resources)),
    },
    {
      rule: `!${none('nonResourceURLs')} || !(${none('apiGroups')} || ${none('resources')})`,
      message: "needs apiGroups and resources ('' is the core group), or nonResourceURLs",
      holds: (given) => !isNone(given.nonResourceURLs) || !(isNone(given.apiGroups) || isNone(given.resources)),
    },
  ],
)
export type PolicyRule = z.output<typeof PolicyRule>

export const ClusterAccessSpec = ruled(
  z.object({
    scope: z.enum(['Namespace', 'Cluster']).default('Namespace').meta({
      description: "Where the rules hold: in the AgentJob's namespace (a Role), or everywhere (a ClusterRole).",
    }),
    rules: z
      .array(PolicyRule)
      .min(1)
      .max(64)
      .meta({ description: "What the agent's pod may do, as in a Role.", 'x-kubernetes-list-type': 'atomic' }),
  }),
  [
    {
      rule: "self.scope == 'Cluster' || self.rules.all(r, !has(r.nonResourceURLs) || size(r.nonResourceURLs) == 0)",
      message: 'nonResourceURLs needs scope: Cluster, because these paths lie in no namespace',
      holds: ({ scope, rules }) =>
        scope === 'Cluster' || !Array.isArray(rules) || rules.every((one) => isNone(one?.nonResourceURLs)),
    },
  ],
)
export type ClusterAccessSpec = z.output<typeof ClusterAccessSpec>
export type ClusterAccess = Resource<ClusterAccessSpec>

export const clusterAccess: KindDefinition = {
  kind: 'ClusterAccess',
  plural: 'clusteraccesses',
  singular: 'clusteraccess',
  shortNames: ['ca'],
  description:
    "Rights at the Kubernetes API for an agent's pod. Who writes one must hold every right in it; who names one in an AgentJob needs the verb use on it, or those rights.",
  spec: ClusterAccessSpec,
  columns: [
    { name: 'Scope', type: 'string', jsonPath: '.spec.scope' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { rules: [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }] },
}
