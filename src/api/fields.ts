import { z } from 'zod'

/*
 * The pieces that several kinds share. Maxima are there for two reasons: nothing unbounded reaches etcd, and the API
 * server refuses CEL rules whose cost it cannot estimate.
 */

/** Of a text whose length is wrong nothing else is told, and no pattern is tried on megabytes. */
export const FIRST = { abort: true }

/** What the name of an object looks like. */
export const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const ENV_NAME = /^([-_a-zA-Z]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$/
const ENV_PREFIX = /^(([-_a-zA-Z]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*)?$/
const RESOURCE =
  /^(cpu|memory|ephemeral-storage|hugepages-[0-9A-Za-z]+|[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/
const KEY = /^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$/
const PATH = /^(\/[^/:\p{Cc}]+)+\/?$/u
/** [HOST[:PORT]/]PATH[:TAG][@DIGEST], as https://pkg.go.dev/github.com/distribution/reference has it. */
const IMAGE =
  /^((\[[0-9A-Fa-f:]+\]|[0-9A-Za-z]([-.0-9A-Za-z]*[0-9A-Za-z])?)(:[0-9]+)?\/)?[0-9a-z]+([-._]+[0-9a-z]+)*(\/[0-9a-z]+([-._]+[0-9a-z]+)*)*(:[0-9A-Za-z_][-.0-9A-Za-z_]{0,127})?(@[A-Za-z][-+._0-9A-Za-z]*:[0-9A-Fa-f]{32,})?$/
const QUANTITY = /^\+?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/

/** The name of an object in the AgentJob's namespace or in the library namespace (RFC 1123 subdomain). */
export const objectName = (description: string) =>
  z
    .string()
    .min(1, FIRST)
    .max(253, FIRST)
    .regex(SUBDOMAIN, 'must be the name of an object: lower case letters, digits, "-" and "."')
    .meta({ description })

/** A path inside the container: absolute, without `.` and `..`, and without `:` (which mountPath refuses). */
export const absolutePath = (description: string) =>
  z
    .string()
    .max(1024, FIRST)
    .regex(PATH, 'must be an absolute path such as /etc/agent, without ":" and empty parts')
    .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'), 'must not contain "." and ".."')
    .meta({ description })

/** A container image. */
export const image = (description: string) =>
  z
    .string()
    .min(1, FIRST)
    .max(1024, FIRST)
    .regex(IMAGE, 'must be an image such as ghcr.io/example/agent:1.0, in lower case, without spaces and "https://"')
    .meta({ description })

/** A text that a process can be given: the operating system ends it at a NUL. */
export const argument = (maxLength: number) =>
  z
    .string()
    .max(maxLength, FIRST)
    .refine((text) => !text.includes('\0'), 'must not have the character NUL in it, which no process can be given')

/** The name of an environment variable. */
export const envName = (description: string) =>
  z
    .string()
    .min(1, FIRST)
    .max(253, FIRST)
    .regex(ENV_NAME, 'must be the name of an environment variable')
    .meta({ description })

/** A Kubernetes quantity: `1Gi`, `500m`, 2. */
export const quantity = z
  .union(
    [z.int().nonnegative(), z.string().max(32, FIRST).regex(QUANTITY, 'must be a quantity such as 500m or 1Gi')],
    'must be a whole number or a string such as 500m or 1Gi',
  )
  .meta({ 'x-kubernetes-int-or-string': true })

const keyOf = (what: string) =>
  z
    .string()
    .min(1, FIRST)
    .max(253, FIRST)
    .regex(KEY, `must be a key of a ${what}: letters, digits, "-", "_" and "."`)
    .meta({ description: `Key in the ${what}.` })

/** The key of a Secret. */
export const secretKey = keyOf('Secret')
/** The key of a ConfigMap. */
export const configMapKey = keyOf('ConfigMap')

/** The mode of a file, in octal as YAML 1.1 writes it (0644); JSON has it in decimal (420). */
export const fileMode = (description: string) =>
  z
    .int()
    .min(0)
    .max(0o777)
    .meta({ description: `${description} Octal in YAML (0640), decimal in JSON (416).` })

/** One key of a Secret of the AgentJob's namespace. */
export const secretKeyRef = z
  .object({
    name: objectName('Name of the Secret.'),
    key: secretKey,
  })
  .meta({ description: 'A key of a Secret in the namespace of the AgentJob.' })

/** What the downward API gives to a variable: https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
const POD_FIELD =
  /^(metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/
const CONTAINER_RESOURCE = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-[0-9A-Za-z]+)$/

const optionalKeyRef = (what: string) =>
  z
    .object({
      name: objectName(`Name of the ${what}.`),
      key: keyOf(what),
      optional: z
        .boolean()
        .optional()
        .meta({ description: `Whether the ${what} or its key may be missing.` }),
    })
    .meta({ description: `A key of a ${what}.` })

/** Where a value comes from that must not stand in an object in plain text. */
export const valueFromSecret = z
  .object({ secretKeyRef: optionalKeyRef('Secret') })
  .meta({ description: 'Where the value comes from.' })

/** `env` of a container, as in Kubernetes' own core/v1. */
export const env = (description: string) =>
  z
    .array(
      z.object({
        name: envName('Name of the variable.'),
        value: argument(131072).optional().meta({ description: 'Its value, in plain text.' }),
        valueFrom: z
          .object({
            secretKeyRef: optionalKeyRef('Secret').optional(),
            configMapKeyRef: optionalKeyRef('ConfigMap').optional(),
            fieldRef: z
              .object({
                fieldPath: z
                  .string()
                  .max(512, FIRST)
                  .regex(POD_FIELD, 'must be a field of the pod such as metadata.name or status.podIP')
                  .meta({ description: 'Path of the field in the pod.' }),
                apiVersion: z.enum(['v1']).optional().meta({ description: 'Version of the path; v1 is assumed.' }),
              })
              .optional()
              .meta({ description: 'A field of the pod, for example metadata.name.' }),
            resourceFieldRef: z
              .object({
                containerName: z.string().max(63).optional().meta({ description: 'Name of the container.' }),
                resource: z
                  .string()
                  .max(253, FIRST)
                  .regex(CONTAINER_RESOURCE, 'must be a resource such as limits.memory or requests.cpu')
                  .meta({ description: 'Name of the resource.' }),
                divisor: quantity.optional().meta({ description: 'Unit in which it is given; 1 is assumed.' }),
              })
              .optional()
              .meta({ description: 'A resource of the container, for example limits.memory.' }),
          })
          .optional()
          .meta({ description: 'Where the value comes from, instead of value.' }),
      }),
    )
    .max(256)
    .optional()
    .meta({ description, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })

const source = (what: string) =>
  z
    .object({
      name: objectName(`Name of the ${what}.`),
      optional: z
        .boolean()
        .optional()
        .meta({ description: `Whether the ${what} may be missing.` }),
    })
    .optional()
    .meta({ description: `A ${what} whose keys become variables.` })

/** `envFrom` of a container, as in core/v1. */
export const envFrom = (description: string) =>
  z
    .array(
      z.object({
        prefix: z
          .string()
          .max(253, FIRST)
          .regex(ENV_PREFIX, 'must be what the name of a variable can begin with')
          .optional()
          .meta({ description: 'Put before each name.' }),
        configMapRef: source('ConfigMap'),
        secretRef: source('Secret'),
      }),
    )
    .max(64)
    .optional()
    .meta({ description, 'x-kubernetes-list-type': 'atomic' })

const quantities = (description: string) =>
  z
    .record(
      z.string().max(253, FIRST).regex(RESOURCE, 'must be the name of a resource such as cpu or nvidia.com/gpu'),
      quantity,
    )
    .refine((entries) => Object.keys(entries).length <= 32, 'must have at most 32 entries')
    .optional()
    .meta({ description, maxProperties: 32 })

/** `resources` of a container, as in core/v1. */
export const resources = (description: string) =>
  z
    .object({
      limits: quantities('The most that the container may use.'),
      requests: quantities('What is reserved for the container.'),
    })
    .optional()
    .meta({ description })

/** A list of strings, a command line for example. */
export const strings = (description: string, maxItems = 256, maxLength = 32768) =>
  z.array(argument(maxLength)).max(maxItems).optional().meta({ description, 'x-kubernetes-list-type': 'atomic' })

/** A list of names, each once. */
export const objectNames = (what: string, description: string) =>
  z
    .array(objectName(`Name of the ${what}.`))
    .max(64)
    .optional()
    .meta({ description, 'x-kubernetes-list-type': 'set' })
