import { z } from 'zod'
import { FIRST } from './fields.ts'
import { isLabelKey, isLabelValue } from './labels.ts'
import { labels } from './podmetadata.ts'
import { ruled } from './ruled.ts'

const toleration = ruled(
  z.object({
    key: z
      .string()
      .max(317, FIRST)
      .refine((key) => key === '' || isLabelKey(key), 'must be the key of a taint, such as nvidia.com/gpu')
      .optional()
      .meta({ description: 'Key of the taint; every one where it is left out.' }),
    operator: z
      .enum(['Exists', 'Equal'])
      .optional()
      .meta({ description: 'How the value is compared; Equal is assumed.' }),
    value: z
      .string()
      .max(63, FIRST)
      .refine(isLabelValue, 'must be the value of a taint: letters, digits, "-", "_" and "."')
      .optional()
      .meta({ description: 'Value of the taint.' }),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .meta({ description: 'Effect of the taint; every one where it is left out.' }),
    tolerationSeconds: z
      .int()
      .nonnegative()
      .optional()
      .meta({ description: 'For how long a NoExecute is borne, in seconds.' }),
  }),
  // as core/v1 has them: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
  [
    {
      rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
      message: 'must name a key, unless the operator is Exists',
      holds: ({ key, operator }) => Boolean(key) || operator === 'Exists',
    },
    {
      rule: "!has(self.operator) || self.operator != 'Exists' || !has(self.value) || self.value == ''",
      message: 'a value goes with the operator Equal, not with Exists',
      holds: ({ operator, value }) => operator !== 'Exists' || !value,
    },
    {
      rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
      message: 'tolerationSeconds goes with the effect NoExecute',
      holds: ({ effect, tolerationSeconds }) => tolerationSeconds === undefined || effect === 'NoExecute',
    },
  ],
)

/** Where pods may run: the fields of the same names in core/v1. */
export const scheduling = z
  .object({
    nodeSelector: labels('Labels that a node must have.'),
    tolerations: z
      .array(toleration)
      .max(64)
      .optional()
      .meta({ description: 'Taints that the pods bear.', 'x-kubernetes-list-type': 'atomic' }),
    affinity: z.record(z.string().max(64), z.unknown()).optional().meta({
      description: 'nodeAffinity, podAffinity and podAntiAffinity, as in core/v1.',
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  })
  .optional()
  .meta({ description: 'Where the pods may run.' })
