import { z } from 'zod'
import { FIRST } from './fields.ts'
import { isLabelKey, isLabelValue } from './labels.ts'
import { labels } from './podmetadata.ts'
import { told } from './told.ts'

interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

// as core/v1 has them: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
const keyUnlessAll = {
  rule: "(has(self.key) && self.key != '') || (has(self.operator) && self.operator == 'Exists')",
  message: 'must name a key, unless the operator is Exists',
}
const noValueOfExists = {
  rule: "!has(self.operator) || self.operator != 'Exists' || !has(self.value) || self.value == ''",
  message: 'a value goes with the operator Equal, not with Exists',
}
const secondsOfEviction = {
  rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
  message: 'tolerationSeconds goes with the effect NoExecute',
}

const toleration = z
  .object({
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
  })
  .refine(({ key, operator }: Toleration) => Boolean(key) || operator === 'Exists', told(keyUnlessAll))
  .refine(({ operator, value }: Toleration) => operator !== 'Exists' || !value, told(noValueOfExists))
  .refine(
    ({ effect, tolerationSeconds }: Toleration) => tolerationSeconds === undefined || effect === 'NoExecute',
    told(secondsOfEviction),
  )
  .meta({ 'x-kubernetes-validations': [keyUnlessAll, noValueOfExists, secondsOfEviction] })

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
