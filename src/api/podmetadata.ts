import { z } from 'zod'
import { FIRST } from './fields.ts'
import { isLabelKey, isLabelValue } from './labels.ts'

/** Keys that the expansion, the Job controller or Kueue write. */
const RESERVED =
  /^(([a-z0-9-]+\.)*agentjob\.io\/|app\.kubernetes\.io\/|kueue\.x-k8s\.io\/|batch\.kubernetes\.io\/|(job-name|controller-uid)$)/i

/** Annotations that Kubernetes takes for a securityContext, older than the fields of it. */
const SECURITY =
  /^(container\.apparmor\.security\.beta|seccomp\.security\.alpha|container\.seccomp\.security\.alpha)\./i

/** Why nobody but us may put this label or annotation on an agent's pod; undefined where anybody may. */
export function reservedKey(key: string): string | undefined {
  if (RESERVED.test(key)) return 'is reserved for what the operator and Kubernetes write'
  return SECURITY.test(key) ? "cannot be set; an agent's pod is hardened" : undefined
}

/** What keeps a label or an annotation from being put on an agent's pod; undefined where nothing does. */
export function wrongWithMetadata(list: 'labels' | 'annotations', key: string, text: unknown): string | undefined {
  if (typeof text !== 'string') return 'must be a string; put it in quotes'
  const reserved = reservedKey(key)
  if (reserved) return reserved
  if (!isLabelKey(list === 'labels' ? key : key.toLowerCase())) return `is no valid key; it ${KEY}`
  return list === 'labels' && !isLabelValue(text) ? VALUE : undefined
}

const KEY = 'must be PREFIX/NAME or NAME, the name of at most 63 letters, digits, "-", "_" and "."'
const VALUE = 'must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit first and last'

/** Labels, as a schema. */
export const labels = (description: string) =>
  mapOf(description, z.string().max(317, FIRST).refine(isLabelKey, KEY), z.string().refine(isLabelValue, VALUE).max(63))

/** Annotations, as a schema. */
export const annotations = (description: string) =>
  mapOf(
    description,
    z
      .string()
      .max(317, FIRST)
      .refine((key) => isLabelKey(key.toLowerCase()), KEY),
    z.string().max(32768, FIRST),
  )

const mapOf = (description: string, key: z.ZodType<string, string>, value: z.ZodType<string, string>) =>
  z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length <= 64, 'must have at most 64 entries')
    .optional()
    .meta({ description, maxProperties: 64 })
