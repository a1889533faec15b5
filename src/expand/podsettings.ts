import { z } from 'zod'
import { configMapKey, FIRST, objectName, resources } from '../api/fields.ts'
import { parseFieldPath } from '../api/finding.ts'
import { resourceRules } from '../api/resourcerules.ts'

const HOST = String.raw`([A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])`
const PROXY_URL = new RegExp(`^https?://${HOST}(:[0-9]{1,5})?/?$`)
/** A `$` is for Kubernetes, which would put a variable in its place. */
const EXEMPT = /^[^\s,;$@/]+(\/[0-9]{1,3})?$/

const proxyUrl = (description: string) =>
  z
    .string()
    .max(1024, FIRST)
    // in words that do not quote it
    .refine((url) => !url.includes('@'), {
      message:
        'must have no user and password in it, because everybody who may read a pod would read them; have the proxy know the cluster by its addresses',
      abort: true,
    })
    .regex(PROXY_URL, 'must be the URL of a proxy such as http://proxy.example.com:3128')
    .optional()
    .meta({ description })

const OF_CONTAINER = resources('').unwrap().shape
type Amounts = { description: string; fallback?: Record<string, string> }

/**
 * Resources of a container, as somebody sets them who sees no warnings: what core/v1 refuses, and what it warns of, is
 * refused. Takes what each list is for and what stands in it unless said, which is nothing unless said.
 */
export function resourceSettings(o: Record<keyof typeof OF_CONTAINER, Amounts>) {
  const quantities = (list: keyof typeof OF_CONTAINER) => {
    const { description, fallback = {} } = o[list]
    return OF_CONTAINER[list].unwrap().default(fallback).meta({ description, maxProperties: 32 })
  }
  return z
    .strictObject({ requests: quantities('requests'), limits: quantities('limits') })
    .superRefine((given, context) => {
      const { errors, warnings } = resourceRules(given, [])
      // nobody would be told of a warning
      for (const { path, message } of [...errors, ...warnings])
        context.addIssue({ code: 'custom', path: parseFieldPath(path), message })
    })
}

const DefaultResources = resourceSettings({
  requests: { description: 'What is reserved for the container.' },
  limits: { description: 'The most that the container may use.' },
})

/** What the pod of every agent gets; nothing unless said. */
export const PodSettings = z.strictObject({
  resources: DefaultResources.prefault({}).meta({
    description:
      "Resources of an agent's container, and of those that come before it, where neither its AgentJob nor its AgentRuntime has any.",
  }),
  caBundle: z
    .strictObject({
      configMap: objectName(
        'Name of a ConfigMap that is in each namespace of AgentJobs, with all CAs that agents are to trust.',
      ).optional(),
      key: configMapKey.default('ca.crt').meta({ description: 'Its key with the certificates, in PEM.' }),
    })
    .prefault({})
    .meta({ description: 'Whom agents trust by TLS, instead of those whom their images trust.' }),
  proxy: z
    .strictObject({
      http: proxyUrl('URL of the proxy for http://, without user and password.'),
      https: proxyUrl('URL of the proxy for https://, without user and password.'),
      // "no" alone would be false to a reader of YAML 1.1, which Helm is
      noProxy: z
        .array(
          z
            .string()
            .max(253, FIRST)
            .regex(
              EXEMPT,
              'must be one host, domain, address or range of addresses, such as .svc or 10.0.0.0/8, without blanks and commas',
            ),
        )
        .max(256)
        .default([])
        .meta({
          description:
            'What is reached without it: .svc, .cluster.local and the address of the API server most of all.',
        }),
    })
    .prefault({})
    .meta({ description: 'Through which proxy agents reach the network, by the variables that programs know.' }),
})
export type PodSettings = z.output<typeof PodSettings>
