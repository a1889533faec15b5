import { RERUN_ANNOTATION } from '../api/agentjob.ts'
import type { ChildResource, Expansion, Problem } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { hash } from '../api/hash.ts'
import { renderAccess } from './access.ts'
import { variableClashes } from './environment.ts'
import type { ExpandInput, ExpandOutput } from './input.ts'
import { renderCronJob, renderJob } from './jobs.ts'
import { APPLIED_ANNOTATION, childNames } from './names.ts'
import { renderPod } from './pod.ts'
import { keep } from './ratchet.ts'
import { type Resolved, resolve } from './references.ts'
import { inputHash, inputOf, nextRevision, specHash } from './revision.ts'
import { renderVolume } from './volume.ts'
import { warningsOf } from './warnings.ts'

/**
 * Version of the rendering rules: raised whenever the same input gives other children. A webhook that is older than
 * an expansion keeps it, the leader has older expansions made anew.
 */
export const RENDERER = 1

/**
 * Expands an AgentJob into the objects that run it. Pure, and a fixed point: expanding the result again with itself as
 * `previous` gives the same bytes.
 */
export function expand(input: ExpandInput): ExpandOutput {
  const { job, previous, settings, lookup } = input
  const namespace = job.metadata.namespace as string
  const resolved = resolve(job.spec, namespace, lookup, settings)
  const complete = resolved.missing.length === 0
  const basis = {
    inputHash: inputHash(job.spec),
    rerun: job.metadata.annotations?.[RERUN_ANNOTATION] ?? previous?.rerun,
    referencesHash: complete ? resolved.referencesHash : previous?.referencesHash,
  }
  const expansion: Expansion = {
    configHash: hash({ input: inputOf(job.spec), references: resolved.referencesHash }, 16),
    revision: nextRevision(job.spec, basis, previous),
    ...basis,
    specHash: specHash(job.spec),
    requester: input.requester,
    renderer: RENDERER,
    references: resolved.references,
    ...(input.grants.length ? { grants: input.grants } : {}),
    problems: [],
    resources: [],
  }
  if (previous && previous.renderer > RENDERER && sameInputs(previous, expansion))
    return { expansion: previous, errors: [], warnings: [] }
  const { errors, problems } = render(input, resolved, expansion)
  if (!errors.length && !problems.length)
    return { expansion, errors: [], warnings: warningsOf(input, resolved, expansion) }
  // a touch is never refused: what no longer holds keeps the expansion that did
  if (errors.length && !input.specChanged)
    problems.push(...errors.map((error): Problem => ({ reason: 'Invalid', ...error })))
  else if (errors.length) return { expansion, errors, warnings: warningsOf(input, resolved, expansion) }
  return { expansion: keep(expansion, problems, input), errors: [], warnings: warningsOf(input, resolved, expansion) }
}

const sameInputs = (one: Expansion, other: Expansion) =>
  one.specHash === other.specHash &&
  one.rerun === other.rerun &&
  one.requester === other.requester &&
  hash(one.references, 16) === hash(other.references, 16)

/** Renders the children into `expansion`, or says what keeps it from that. */
function render(
  input: ExpandInput,
  resolved: Resolved,
  expansion: Expansion,
): { errors: Finding[]; problems: Problem[] } {
  const { job, settings } = input
  const problems = [...resolved.missing, ...forbidden(input, resolved)]
  const errors: Finding[] =
    settings.missingReferences === 'Deny' ? resolved.missing.map(({ path, message }) => ({ path, message })) : []
  if (resolved.auth && resolved.runtime && !resolved.runtime.spec.authEnvVar)
    errors.push({
      path: 'spec.authRef',
      message: `AgentRuntime "${job.spec.runtimeRef}" has no authEnvVar to put the token in; set it there, or leave authRef out`,
    })
  errors.push(...variableClashes(resolved))
  const runtime = resolved.runtime?.spec
  if (!runtime || problems.length) return { errors, problems }
  const pod = renderPod(job, runtime, resolved, expansion.configHash)
  errors.push(...pod.errors)
  const children: ChildResource[] = []
  if (job.spec.persist) children.push(renderVolume(job))
  if (resolved.access) children.push(...renderAccess(job, resolved.access.spec))
  if (pod.config) children.push(pod.config)
  if (job.spec.schedule !== undefined) children.push(renderCronJob(job, pod.template))
  expansion.resources = children.map(withAppliedHash)
  if (job.spec.schedule === undefined || runsBesideSchedule(input, expansion))
    expansion.resources.push(renderJob(job, pod.template, expansion.revision))
  return { errors, problems }
}

/** Whether `agentjob rerun` asked for a run beside the schedule; a token that came with the object's creation did not. */
function runsBesideSchedule({ job, previous }: ExpandInput, { rerun, revision }: Expansion): boolean {
  if (!previous || rerun === undefined) return false
  if (rerun !== previous.rerun) return true
  const child = childNames.job(job.metadata.name as string, revision)
  const wasScheduled = previous.resources.some(({ kind }) => kind === 'CronJob')
  return wasScheduled && previous.resources.some(({ kind, metadata }) => kind === 'Job' && metadata.name === child)
}

/** Where the ClusterAccess that is found now is not the one that the requester was entitled to. */
function forbidden({ grants, job }: ExpandInput, { access }: Resolved): Problem[] {
  if (!access) return []
  const granted = grants.some(
    (grant) =>
      grant.name === access.name &&
      grant.namespace === access.namespace &&
      (grant.hash === undefined || grant.hash === access.hash),
  )
  if (granted) return []
  return [
    {
      reason: 'Forbidden',
      path: 'spec.clusterAccessRef',
      message: `whoever last changed the spec was not entitled to ClusterAccess "${job.spec.clusterAccessRef}" as it is now; somebody with the verb use on it must change the spec`,
    },
  ]
}

/** The hash of what we apply, so that a field that is gone from the expansion shows as a difference. */
const withAppliedHash = (child: ChildResource): ChildResource => ({
  ...child,
  metadata: {
    ...child.metadata,
    annotations: { ...child.metadata.annotations, [APPLIED_ANNOTATION]: hash(child, 16) },
  },
})
