import { withoutDefaults } from '../api/defaults.ts'
import { hash, specHash } from '../api/hash.ts'
import { kindOf } from '../api/kinds.ts'
import type { Referenced } from './input.ts'

/**
 * An object as an expansion looks at it: its spec with defaults, and the hash of what its user meant. Undefined where
 * the spec is not valid: it is as good as missing.
 */
export function referenced(kind: string, spec: unknown): Referenced | undefined {
  const schema = kindOf(kind)?.spec
  const parsed = schema?.safeParse(spec)
  if (!schema || !parsed?.success) return undefined
  const meant = (withoutDefaults(schema, parsed.data) ?? {}) as Record<string, unknown>
  // when runs start, where they may go, and what is told of them: not what they are. An expansion shows whether there is
  // a limit, and the others
  const { maxConcurrentRuns, logTail, egress, ...configuration } = meant
  if (maxConcurrentRuns === undefined && logTail === undefined && egress === undefined)
    return { spec: parsed.data, hash: specHash(meant) }
  const shown = {
    ...(maxConcurrentRuns === undefined ? {} : { maxConcurrentRuns: true }),
    ...(logTail === undefined ? {} : { logTail }),
    ...(egress === undefined ? {} : { egress }),
  }
  return { spec: parsed.data, hash: specHash({ ...configuration, ...shown }), configHash: specHash(configuration) }
}

/** A ConfigMap as a context takes it. */
export interface ConfigMapContent {
  data: Record<string, string>
  binaryKeys: string[]
}

/** A ConfigMap as an expansion looks at it. */
export function referencedConfigMap(object: object): Referenced {
  const { data = {}, binaryData = {} } = object as { data?: object; binaryData?: object }
  const spec: ConfigMapContent = { data: data as Record<string, string>, binaryKeys: Object.keys(binaryData) }
  return { spec, hash: hash([data, binaryData], 16) }
}
