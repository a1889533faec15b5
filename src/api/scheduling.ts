import { z } from 'zod'
import { labels } from './podmetadata.ts'

/** Where pods may run: the fields of the same names in core/v1. */
export const scheduling = z
  .object({
    nodeSelector: labels('Labels that a node must have.'),
    tolerations: z
      .array(
        z.object({
          key: z
            .string()
            .max(317)
            .optional()
            .meta({ description: 'Key of the taint; every one where it is left out.' }),
          operator: z
            .enum(['Exists', 'Equal'])
            .optional()
            .meta({ description: 'How the value is compared; Equal is assumed.' }),
          value: z.string().max(63).optional().meta({ description: 'Value of the taint.' }),
          effect: z
            .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
            .optional()
            .meta({ description: 'Effect of the taint; every one where it is left out.' }),
          tolerationSeconds: z.int().optional().meta({ description: 'For how long a NoExecute is borne, in seconds.' }),
        }),
      )
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
