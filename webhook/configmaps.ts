import type { AgentJobSpec } from '../src/api/agentjob.ts'
import type { ContextSpec } from '../src/api/context.ts'
import { type ContextUse, inlineContext } from '../src/api/contexts.ts'
import type { Finding } from '../src/api/finding.ts'
import { canonicalJson } from '../src/api/hash.ts'
import type { Lookup } from '../src/expand/input.ts'
import type { AccessReview } from './access.ts'
import type { AdmissionRequest, Decision } from './review.ts'

/** A ConfigMap that a spec names, and the field that does. */
interface Named {
  name: string
  path: string
}

/*
 * What a context tells of a ConfigMap, everybody can read who may read the AgentJob. So whoever names one has to be
 * allowed to read it, whether it exists or not; a Context and an AgentRuntime vouch for what they name.
 */

/** The ConfigMaps of its own namespace that an AgentJob would tell of, where no other object vouches for them. */
export function configMapsOf(spec: AgentJobSpec, namespace: string, lookup: Lookup): Named[] {
  return (spec.contexts ?? []).flatMap((use, index): Named[] => {
    const path = `spec.contexts[${index}]`
    if (use.name === undefined) return named(inlineContext(use), `${path}.configMap.name`)
    return named(lookup('Context', namespace, use.name)?.spec as ContextSpec | undefined, `${path}.name`)
  })
}

const named = (source: Partial<ContextSpec> | undefined, path: string): Named[] =>
  source?.configMap ? [{ name: source.configMap.name, path }] : []

/** The ConfigMaps among these that a requester may not read, each as a refusal that does not tell whether it exists. */
export async function forbiddenConfigMaps(
  { userInfo }: AdmissionRequest,
  namespace: string,
  configMaps: readonly Named[],
  review: AccessReview,
): Promise<Finding[]> {
  const names = [...new Set(configMaps.map(({ name }) => name))]
  const asked = names.map(async (name) => {
    const may = await review(userInfo, { verb: 'get', group: '', resource: 'configmaps', namespace, name })
    return may ? [] : [name]
  })
  const forbidden = (await Promise.all(asked)).flat()
  const who = userInfo.username ?? 'you'
  return configMaps
    .filter(({ name }) => forbidden.includes(name))
    .map(({ name, path }) => ({
      path,
      message: `${who} may not read ConfigMap "${name}" in namespace ${namespace}, which the agent would be told: it takes the verb "get" on it`,
    }))
}

/** Decides on a Context or an AgentRuntime: whoever writes it needs to be allowed to read the ConfigMaps in it. */
export async function admitContexts(
  request: AdmissionRequest,
  spec: ContextSpec | { contexts?: ContextUse[] },
  warnings: Finding[],
  review: AccessReview,
): Promise<Decision> {
  const before = (request.oldObject as { spec?: unknown } | undefined)?.spec
  const now = (request.object as { spec?: unknown }).spec
  if (request.operation === 'UPDATE' && canonicalJson(before) === canonicalJson(now)) return { allowed: true, warnings }
  const configMaps =
    'contexts' in spec
      ? (spec.contexts ?? []).flatMap((use, index) =>
          named(inlineContext(use), `spec.contexts[${index}].configMap.name`),
        )
      : named(spec as ContextSpec, 'spec.configMap.name')
  const errors = await forbiddenConfigMaps(request, request.namespace ?? '', configMaps, review)
  return errors.length ? { allowed: false, code: 403, errors, warnings } : { allowed: true, warnings }
}
