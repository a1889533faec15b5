import type { AgentJobSpec } from '../src/api/agentjob.ts'
import type { ContextSpec } from '../src/api/context.ts'
import { type ContextUse, inlineContext } from '../src/api/contexts.ts'
import type { Grant } from '../src/api/expansion.ts'
import type { Finding } from '../src/api/finding.ts'
import { canonicalJson } from '../src/api/hash.ts'
import type { Lookup } from '../src/expand/input.ts'
import type { AccessReview } from './access.ts'
import type { AdmissionRequest, Decision } from './review.ts'

/** A ConfigMap that a spec names, and the field that does. */
interface Named {
  name: string
  path: string
  /** What is told of it, to be compared. */
  what: string
}

/*
 * What a context tells of a ConfigMap, everybody can read who may read the AgentJob. So whoever names one has to be
 * allowed to read it, whether it exists or not; who writes a Context or an AgentRuntime vouches for what it names.
 */

/**
 * The ConfigMaps of its own namespace that an AgentJob would tell of. What is granted holds for those that it names
 * itself; those of Contexts are asked about as far as they are known now. `before` was told already, by somebody who was
 * asked: who suspends an AgentJob tells nothing new, who takes another key does.
 */
export async function configMapsOf(
  request: AdmissionRequest,
  spec: AgentJobSpec,
  namespace: string,
  before: readonly ContextUse[],
  lookup: Lookup,
  review: AccessReview,
): Promise<{ grants: Grant[]; errors: Finding[] }> {
  const told = (uses: readonly ContextUse[]) =>
    uses.flatMap((use, index) => {
      const path = `spec.contexts[${index}]`
      if (use.name === undefined) return named(inlineContext(use), `${path}.configMap.name`)
      return named(lookup('Context', namespace, use.name)?.spec as Partial<ContextSpec>, `${path}.name`)
    })
  const now = told(spec.contexts ?? [])
  const errors = await forbiddenConfigMaps(request, namespace, newIn(now, told(before)), review)
  const grants = [...new Set(now.map(({ name }) => name))].map(
    (name): Grant => ({ kind: 'ConfigMap', namespace, name }),
  )
  return { grants, errors }
}

const named = (source: Partial<ContextSpec> | undefined, path: string): Named[] =>
  source?.configMap ? [{ name: source.configMap.name, path, what: canonicalJson(source.configMap) }] : []

const newIn = (now: Named[], before: Named[]) => now.filter(({ what }) => !before.some((one) => one.what === what))

/** The ConfigMaps among these that a requester may not read, each as a refusal that does not tell whether it exists. */
async function forbiddenConfigMaps(
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
  const before = namedIn((request.oldObject as { spec?: object } | undefined)?.spec ?? {})
  const errors = await forbiddenConfigMaps(request, request.namespace ?? '', newIn(namedIn(spec), before), review)
  return errors.length ? { allowed: false, code: 403, errors, warnings } : { allowed: true, warnings }
}

/** The ConfigMaps that a Context or an AgentRuntime names itself; the spec before may be of any shape. */
function namedIn(spec: object): Named[] {
  const { contexts, configMap } = spec as { contexts?: ContextUse[]; configMap?: ContextSpec['configMap'] }
  if (configMap) return named({ configMap }, 'spec.configMap.name')
  if (!Array.isArray(contexts)) return []
  return contexts.flatMap((use, index) => named(use ?? {}, `spec.contexts[${index}].configMap.name`))
}
