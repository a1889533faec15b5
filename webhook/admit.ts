import { type AgentJobSpec, RERUN_ANNOTATION } from '../src/api/agentjob.ts'
import type { AgentRuntimeSpec } from '../src/api/agentruntime.ts'
import type { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import type { ContextSpec } from '../src/api/context.ts'
import type { Finding } from '../src/api/finding.ts'
import { canonicalJson } from '../src/api/hash.ts'
import { isFields } from '../src/api/isfields.ts'
import { GROUP, type KindDefinition } from '../src/api/kind.ts'
import { kindOf } from '../src/api/kinds.ts'
import { unknownFields } from '../src/api/unknownfields.ts'
import { validate } from '../src/api/validate.ts'
import { podTemplateErrors } from '../src/expand/podtemplateerrors.ts'
import type { PartialObjectMetadata } from '../src/kube/object.ts'
import { type AgentJobDeps, admitAgentJob, keepAgentJob, leaveAgentJob } from './agentjob.ts'
import { admitClusterAccess } from './clusteraccess.ts'
import { admitContexts } from './configmaps.ts'
import type { AdmissionRequest, Decision } from './review.ts'

/** Decides on one request: validates the object by its kind, and does for the kind what its admission is there for. */
export async function admit(request: AdmissionRequest, deps: AgentJobDeps): Promise<Decision> {
  const { group, kind } = request.kind
  const definition = group === GROUP ? kindOf(kind) : undefined
  if (!definition || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return { allowed: true }
  const { spec, errors, warnings } = validate(definition, request.object)
  const later = kind === 'AgentJob' ? ofLaterVersion(definition, request) : []
  errors.push(...later)
  if (errors.length && kind === 'AgentJob')
    errors.push(...podTemplateErrors((request.object as { spec?: unknown }).spec))
  // what runs again now would run without such a field
  const stays = unchanged(request) && (!later.length || sameToken(request))
  if (errors.length && !stays) return { allowed: false, code: 422, errors, warnings }
  if (later.length) return leaveAgentJob(request, errors, deps)
  if (errors.length) return kind === 'AgentJob' ? keepAgentJob(request, errors, deps) : { allowed: true }
  if (kind === 'AgentJob') return admitAgentJob(request, spec as AgentJobSpec, warnings, deps)
  if (kind === 'ClusterAccess') {
    const { review, settings } = deps
    const { libraryNamespace } = settings
    const decision = await admitClusterAccess(request, spec as ClusterAccessSpec, { review, libraryNamespace })
    return settings.clusterAccess ? decision : { ...decision, warnings: [SWITCHED_OFF] }
  }
  if (kind === 'AgentRuntime' && (spec as AgentRuntimeSpec).egress && !deps.settings.egress?.enabled)
    warnings.push(UNLIMITED)
  if (kind === 'Context' || kind === 'AgentRuntime')
    return admitContexts(request, spec as ContextSpec, warnings, deps.review)
  return { allowed: true, warnings }
}

const SWITCHED_OFF = {
  path: '',
  message: 'ClusterAccess is switched off in this cluster, and no AgentJob gets these rights',
}

/**
 * Fields of a spec that this version does not know. The API server has pruned what its CRDs do not know, so these are
 * of a later version: this replica is still to be upgraded, or was taken back without the CRDs.
 */
const ofLaterVersion = (definition: KindDefinition, { object }: AdmissionRequest): Finding[] => {
  const spec = isFields(object) ? object.spec : undefined
  return unknownFields(definition, { spec }).map(({ path }) => ({ path, message: LATER }))
}

const LATER =
  'is a field of a later version of agentjob than the one that answers; try again when its upgrade has ended, or leave it out'

const sameToken = ({ object, oldObject }: AdmissionRequest) => tokenOf(object) === tokenOf(oldObject)
const tokenOf = (object: unknown) =>
  (object as Partial<PartialObjectMetadata> | null | undefined)?.metadata?.annotations?.[RERUN_ANNOTATION]

const UNLIMITED = {
  path: 'spec.egress',
  message: 'nothing limits where pods go: egress is switched off in this cluster',
}

/** A label or a finalizer must not be refused because the rules became stricter than they were when the spec was written. */
const unchanged = ({ operation, object, oldObject }: AdmissionRequest) =>
  operation === 'UPDATE' &&
  canonicalJson((object as { spec?: unknown }).spec) ===
    canonicalJson((oldObject as { spec?: unknown } | undefined)?.spec)
