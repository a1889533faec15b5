import { type AgentJob, type AgentJobSpec, RERUN_ANNOTATION } from '../src/api/agentjob.ts'
import type { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import type { ContextUse } from '../src/api/contexts.ts'
import type { Expansion, Grant } from '../src/api/expansion.ts'
import type { Finding } from '../src/api/finding.ts'
import { canonicalJson } from '../src/api/hash.ts'
import { GENERATED_DIGITS } from '../src/api/names.ts'
import { expand } from '../src/expand/expand.ts'
import type { Lookup, Referenced } from '../src/expand/input.ts'
import { expandInvalid } from '../src/expand/invalid.ts'
import type { Quota } from '../src/expand/quotas.ts'
import { lookupNamespaces, resolve } from '../src/expand/references.ts'
import { restoredRevision, specHash } from '../src/expand/revision.ts'
import type { Settings } from '../src/expand/settings.ts'
import type { Keys } from '../src/signing/keyring.ts'
import { epochOf, type Identity } from '../src/signing/signature.ts'
import { type AccessReview, mayUse, missingRights } from './access.ts'
import { configMapsOf } from './configmaps.ts'
import type { AdmissionRequest, Decision, PatchOperation } from './review.ts'

/** What the admission of AgentJobs needs of the world. */
export interface AgentJobDeps {
  /** From the caches. */
  lookup: Lookup
  /** Live, for what no cache has (yet). */
  read(kind: string, namespace: string, name: string): Promise<Referenced | undefined>
  /** The AgentQuotas of a namespace; undefined where they are not known yet. */
  quotasOf(namespace: string): Quota[] | undefined
  review: AccessReview
  /** Username of the controller, which touches. */
  operator: string
  keys: Keys
  settings: Settings
}

const QUOTAS_UNKNOWN: Finding = {
  path: '',
  message: 'agentjob does not know the AgentQuotas of this namespace yet; try again in a moment',
}

/** Expands an AgentJob. `spec` is validated, with its defaults. */
export async function admitAgentJob(
  request: AdmissionRequest,
  spec: AgentJobSpec,
  warnings: Finding[],
  deps: AgentJobDeps,
): Promise<Decision> {
  const incoming = request.object as AgentJob
  const old = request.operation === 'UPDATE' ? (request.oldObject as AgentJob) : undefined
  const generated = incoming.metadata.name ? undefined : generateName(incoming.metadata.generateName ?? '', request.uid)
  const identity = { namespace: request.namespace ?? '', name: incoming.metadata.name ?? (generated as string) }
  const quotas = deps.quotasOf(identity.namespace)
  if (!quotas) return { allowed: false, code: 503, errors: [QUOTAS_UNKNOWN] }
  const previous = await previousOf(old, identity, deps.keys)
  // the operator only touches; a change that comes with a touch is another webhook's, and nobody's who could be asked
  const touched = request.userInfo.username === deps.operator
  const specChanged = !old || (!touched && specHash(old.spec) !== specHash(spec))
  // what changed while admission was not asked is not what the requester was entitled for
  const vouched = previous?.specHash === specHash(spec) ? previous : undefined
  // the grants of an expansion are those of the spec that it was made from
  const told = old && previous?.grants && previous.specHash === specHash(old.spec) ? (old.spec.contexts ?? []) : []
  const { lookup, isUnread, readConfigMaps } = await lookupOf(spec, identity.namespace, deps)
  const granted = specChanged
    ? await grantsOf(request, spec, identity.namespace, told, lookup, deps)
    : { grants: vouched?.grants ?? [], errors: [] }
  if (granted.errors.length) return { allowed: false, code: 403, errors: granted.errors, warnings }
  // after the rights: what somebody may not read is not read for him either
  await readConfigMaps(granted.grants)
  const {
    expansion,
    errors,
    warnings: more,
  } = expand({
    job: { ...incoming, metadata: { ...incoming.metadata, ...identity }, spec },
    previous,
    specChanged,
    // whatever is stored: a webhook was not asked about all of it
    storedUrl: (old?.spec as Partial<AgentJobSpec> | null | undefined)?.notify?.url,
    requester: specChanged ? (request.userInfo.username ?? '') : (vouched?.requester ?? ''),
    grants: granted.grants,
    lookup,
    isUnread,
    quotas,
    settings: deps.settings,
  })
  const said = [...warnings, ...more, ...endsRun(old, previous, expansion)]
  if (errors.length) return { allowed: false, code: 422, errors, warnings: said }
  const signed = await signedOf(previous, expansion, identity, deps.keys)
  return { allowed: true, patch: patchOf(incoming, generated, signed), warnings: specChanged ? said : [] }
}

/** Keeps what there is of an AgentJob whose stored spec is not valid, and writes down why. */
export async function keepAgentJob(
  request: AdmissionRequest,
  errors: Finding[],
  deps: AgentJobDeps,
): Promise<Decision> {
  const [incoming, old] = [request.object, request.oldObject] as [AgentJob, AgentJob]
  const identity = { namespace: request.namespace ?? '', name: incoming.metadata.name ?? '' }
  const previous = await previousOf(old, identity, deps.keys)
  const expansion = expandInvalid(incoming.spec, errors, previous, deps.settings)
  const signed = await signedOf(previous, expansion, identity, deps.keys)
  return { allowed: true, patch: patchOf(incoming, undefined, signed) }
}

/** Leaves an AgentJob to a later version: what that has made of it stands. What nobody has made is kept as invalid. */
export async function leaveAgentJob(
  request: AdmissionRequest,
  errors: Finding[],
  deps: AgentJobDeps,
): Promise<Decision> {
  const [incoming, old] = [request.object, request.oldObject] as [AgentJob, AgentJob]
  const identity = { namespace: request.namespace ?? '', name: incoming.metadata.name ?? '' }
  const { expansion } = old
  if (!expansion || !(await deps.keys.holds(expansion, identity))) return keepAgentJob(request, errors, deps)
  const signed = await signedOf(expansion, expansion, identity, deps.keys)
  return { allowed: true, patch: patchOf(incoming, undefined, signed) }
}

/**
 * The expansion before, if it is ours, under the revision of a status that was restored with the object; else what the
 * status remembers of the last run. So nothing runs again.
 */
async function previousOf(old: AgentJob | undefined, identity: Identity, keys: Keys) {
  if (!old) return undefined
  if (old.expansion && (await keys.holds(old.expansion, identity))) {
    const revision = restoredRevision(old)
    return revision === undefined ? old.expansion : { ...old.expansion, revision, signature: undefined }
  }
  const { revision, inputHash, configHash } = old.status ?? {}
  if (!revision || !inputHash) return undefined
  const remembered: Expansion = {
    configHash: configHash ?? '',
    revision,
    inputHash,
    specHash: '',
    requester: '',
    rerun: old.metadata.annotations?.[RERUN_ANNOTATION],
    renderer: 0,
    references: [],
    problems: [],
    resources: [],
  }
  return remembered
}

/** A name as the API server would generate one, but made of the request's uid: admission stays without randomness. */
const generateName = (prefix: string, uid: string): string =>
  prefix +
  uid
    .replace(/[^0-9a-f]/g, '')
    .padEnd(GENERATED_DIGITS, '0')
    .slice(0, GENERATED_DIGITS)

/**
 * The most objects of our kinds that one admission reads because no cache has them. It is for what was applied a moment
 * ago; a spec has room for hundreds of names that lead nowhere, and whoever writes it decides how often. What is not read
 * comes by a touch, and is not said to be missing where that refuses an AgentJob.
 */
const MAX_READS = 32

/**
 * A look-up over the caches and, for what none of them has, what the API server says now. What is found leads to more:
 * a Context to its ConfigMap, an AgentRuntime to its Contexts.
 */
async function lookupOf(spec: AgentJobSpec, namespace: string, deps: AgentJobDeps) {
  const live = new Map<string, Referenced | undefined>()
  const unread = new Set<string>()
  const keyOf = (kind: string, at: string, name: string) => `${kind}/${at}/${name}`
  const lookup: Lookup = (kind, at, name) => deps.lookup(kind, at, name) ?? live.get(keyOf(kind, at, name))
  async function read(grants: Grant[], isConfigMap: boolean): Promise<void> {
    for (;;) {
      const { references } = resolve(spec, namespace, lookup, deps.settings, grants)
      // what one namespace has is not looked for in another
      const found = new Set(references.filter(({ hash }) => hash).map(({ kind, name }) => `${kind}/${name}`))
      const misses = references.filter(
        ({ kind, namespace: at, name }) =>
          (kind === 'ConfigMap') === isConfigMap &&
          (isConfigMap || !found.has(`${kind}/${name}`)) &&
          !live.has(keyOf(kind, at, name)),
      )
      // no cache has ConfigMaps, and those of a spec are few
      const asked = isConfigMap ? misses : misses.sort(byUrgency).slice(0, MAX_READS - live.size)
      if (!isConfigMap)
        for (const { kind, namespace, name } of misses.slice(asked.length)) unread.add(keyOf(kind, namespace, name))
      if (!asked.length) return
      await Promise.all(
        asked.map(async ({ kind, namespace: at, name }) =>
          live.set(keyOf(kind, at, name), await deps.read(kind, at, name)),
        ),
      )
    }
  }
  await read([], false)
  return {
    lookup,
    isUnread: (kind: string, at: string, name: string) => unread.has(keyOf(kind, at, name)),
    readConfigMaps: (grants: Grant[]) => read(grants, true),
  }
}

/** By what a requester is refused goes first: not to know it is to refuse him. */
const byUrgency = (a: { kind: string }, b: { kind: string }) =>
  Number(b.kind === 'ClusterAccess') - Number(a.kind === 'ClusterAccess')

/** What the requester was found entitled to, or what he is not. */
interface Granted {
  grants: Grant[]
  errors: Finding[]
}

async function grantsOf(
  request: AdmissionRequest,
  spec: AgentJobSpec,
  namespace: string,
  before: readonly ContextUse[],
  lookup: Lookup,
  deps: AgentJobDeps,
): Promise<Granted> {
  const granted = await Promise.all([
    clusterAccessOf(request, spec, namespace, lookup, deps),
    configMapsOf(request, spec, namespace, before, lookup, deps.review),
  ])
  return { grants: granted.flatMap(({ grants }) => grants), errors: granted.flatMap(({ errors }) => errors) }
}

/**
 * What the requester may do with the ClusterAccess that he names: wherever it is or will be found, he needs the verb
 * `use` on it, or the rights in it. The refusal is the same whether there is one or not.
 */
async function clusterAccessOf(
  request: AdmissionRequest,
  spec: AgentJobSpec,
  namespace: string,
  lookup: Lookup,
  deps: AgentJobDeps,
): Promise<Granted> {
  const name = spec.clusterAccessRef
  // expansion says what it thinks of one where they are switched off
  if (name === undefined || !deps.settings.clusterAccess) return { grants: [], errors: [] }
  const grants = (
    await Promise.all(
      lookupNamespaces(namespace, deps.settings).map(async (at): Promise<Grant[]> => {
        if (await mayUse(deps.review, request.userInfo, at, name)) return [{ namespace: at, name }]
        const found = lookup('ClusterAccess', at, name)
        if (!found) return []
        const missing = await missingRights(deps.review, request.userInfo, found.spec as ClusterAccessSpec, namespace)
        return missing?.length === 0 ? [{ namespace: at, name, hash: found.hash }] : []
      }),
    )
  ).flat()
  const [found] = lookupNamespaces(namespace, deps.settings).filter((at) => lookup('ClusterAccess', at, name))
  if (grants.some((grant) => found === undefined || grant.namespace === found)) return { grants, errors: [] }
  const who = request.userInfo.username ?? 'you'
  const message = `${who} may not use ClusterAccess "${name}": it takes the verb "use" on clusteraccesses.agentjob.io, or every right in it`
  return { grants, errors: [{ path: 'spec.clusterAccessRef', message }] }
}

/** A warning where this change ends a run: the expansion no longer names the Job that is running. */
function endsRun(old: AgentJob | undefined, previous: Expansion | undefined, expansion: Expansion): Finding[] {
  const running = old?.status?.runs?.find(
    ({ phase, revision }) => revision && (phase === 'Running' || phase === 'Pending'),
  )
  if (!running || !previous || running.revision !== previous.revision) return []
  if (expansion.resources.some(({ kind, metadata }) => kind === 'Job' && metadata.name === running.jobName)) return []
  return [{ path: 'spec', message: `this change ends the run of Job ${running.jobName}; its log is kept` }]
}

const unsigned = ({ signature: _, ...rest }: Expansion) => canonicalJson(rest)

/** The one before where it says the same, unless its signature is of an older epoch than ours; never of a newer one. */
async function signedOf(previous: Expansion | undefined, expansion: Expansion, identity: Identity, keys: Keys) {
  const isKept =
    previous !== undefined && (epochOf(previous) ?? 0) >= keys.signs() && unsigned(previous) === unsigned(expansion)
  return isKept ? previous : keys.sign(expansion, identity)
}

function patchOf(incoming: AgentJob, generated: string | undefined, expansion: Expansion): PatchOperation[] {
  const patch: PatchOperation[] = []
  if (generated) patch.push({ op: 'add', path: '/metadata/name', value: generated })
  if (canonicalJson(incoming.expansion) !== canonicalJson(expansion))
    patch.push({ op: 'add', path: '/expansion', value: expansion })
  return patch
}
