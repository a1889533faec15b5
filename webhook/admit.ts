import type { AgentJobSpec } from '../src/api/agentjob.ts'
import type { AgentRuntimeSpec } from '../src/api/agentruntime.ts'
import type { ClusterAccessSpec } from '../src/api/clusteraccess.ts'
import type { ContextSpec } from '../src/api/context.ts'
import { canonicalJson } from '../src/api/hash.ts'
import { GROUP } from '../src/api/kind.ts'
import { kindOf } from '../src/api/kinds.ts'
import { validate } from '../src/api/validate.ts'
import { podTemplateErrors } from '../src/expand/podtemplateerrors.ts'
import { type AgentJobDeps, admitAgentJob, keepAgentJob } from './agentjob.ts'
import { admitClusterAccess } from './clusteraccess.ts'
import { admitContexts } from './configmaps.ts'
import type { AdmissionRequest, Decision } from './review.ts'

/** Decides on one request: validates the object by its kind, and does for the kind what its admission is there for. */
export async function admit(request: AdmissionRequest, deps: AgentJobDeps): Promise<Decision> {
  const { group, kind } = request.kind
  const definition = group === GROUP ? kindOf(kind) : undefined
  if (!definition || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return { allowed: true }
  const { spec, errors, warnings } = validate(definition, request.object)
  if (errors.length && kind === 'AgentJob')
    errors.push(...podTemplateErrors((request.object as { spec?: unknown }).spec))
  if (errors.length && !unchanged(request)) return { allowed: false, code: 422, errors, warnings }
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

const UNLIMITED = {
  path: 'spec.egress',
  message: 'nothing limits where pods go: egress is switched off in this cluster',
}

/** A label or a finalizer must not be refused because the rules became stricter than they were when the spec was written. */
const unchanged = ({ operation, object, oldObject }: AdmissionRequest) =>
  operation === 'UPDATE' &&
  canonicalJson((object as { spec?: unknown }).spec) ===
    canonicalJson((oldObject as { spec?: unknown } | undefined)?.spec)
