import { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Expansion } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { canonicalJson } from '../api/hash.ts'
import { type Basis, basisOf, tokenOf } from './basis.ts'
import { childrenOf } from './children.ts'
import { egressMark } from './egress/egress.ts'
import type { ExpandInput, ExpandOutput } from './input.ts'
import { renderJob } from './jobs.ts'
import { childNames } from './names.ts'
import { type RenderedPod, renderPod } from './pod.ts'
import { faultsOf, obstaclesOf, tooLarge } from './problems.ts'
import { quotaProblems, quotaReferences } from './quotas.ts'
import { withhold } from './ratchet.ts'
import { type Resolved, resolve } from './references.ts'
import { nextRevision } from './revision.ts'
import { warningsOf } from './warnings.ts'

/**
 * Version of the rendering rules: raised whenever the same input gives other children. A webhook that is older than
 * an expansion keeps it, the leader has older expansions made anew.
 */
export const RENDERER = 4

/** In the place of an AgentRuntime that is not there yet, so that what is wrong with the rest shows all the same. */
const STAND_IN = AgentRuntimeSpec.parse({ image: 'none' })

/**
 * Expands an AgentJob into the objects that run it. Pure, and a fixed point: expanding the result again with itself as
 * `previous` gives the same bytes. What is wrong with an AgentJob refuses a change of its spec; a touch is never
 * refused, because nobody is there to mend it: what no longer holds keeps the expansion that did.
 */
export function expand(input: ExpandInput): ExpandOutput {
  const { job, previous, specChanged } = input
  const resolved = resolve(job.spec, job.metadata.namespace, input.lookup, input.settings, input.grants)
  const basis = basisOf(input, resolved, RENDERER)
  if (previous && previous.renderer > RENDERER && sameInputs(previous, basis, resolved, input))
    return { expansion: unsigned(previous), errors: [], warnings: [] }

  const obstacles = obstaclesOf(input, resolved)
  const pod = renderPod(job, resolved.runtime?.spec ?? STAND_IN, resolved, basis.configHash, input.settings)
  const faults = faultsOf(input, resolved, pod)
  const forbidden = quotaProblems(input, resolved, pod, basis.specHash)
  // what starts nothing may stay as it is, and be suspended in the first place
  if (!job.spec.suspend) faults.push(...forbidden.map(({ quota: _, ...problem }) => problem))
  const warnings = (expansion: Expansion) => [
    ...warningsOf(input, resolved, pod, expansion),
    ...(job.spec.suspend ? forbidden.map(whenGoingOn) : []),
    ...pod.warnings,
  ]
  if (!obstacles.length && !faults.length) {
    const expansion = complete(input, resolved, basis, pod)
    const oversize = tooLarge(job.spec, resolved, expansion)
    if (!oversize) return { expansion, errors: [], warnings: warnings(expansion) }
    faults.push(oversize)
  }

  const references = [...basis.references, ...quotaReferences(input, job.spec.suspend ? [] : forbidden)]
  const expansion = withhold(input, { ...basis, references }, [...obstacles, ...faults], resolved, pod)
  const errors = specChanged ? faults.map(({ path, message }) => ({ path, message })) : []
  return { expansion, errors, warnings: warnings(expansion) }
}

const whenGoingOn = ({ path, message }: Finding): Finding => ({
  path,
  message: `${message}; suspended it is stored, and refused when it is to go on`,
})

function complete(input: ExpandInput, resolved: Resolved, basis: Basis, pod: RenderedPod): Expansion {
  const { job, previous } = input
  const rerun = tokenOf(input) ?? previous?.rerun
  const revision = nextRevision(job.spec, { ...basis, rerun }, previous)
  const resources = childrenOf(input, resolved, pod)
  if (job.spec.schedule === undefined || runsBesideSchedule(input, revision, rerun))
    resources.push(renderJob(job, pod, revision))
  return { revision, ...basis, rerun, problems: [], egress: egressMark(resolved, input.settings), resources }
}

/** Whether `agentjob rerun` asked for a run beside the schedule; a token that came with the object's creation did not. */
function runsBesideSchedule({ job, previous }: ExpandInput, revision: string, rerun: string | undefined): boolean {
  if (!previous || rerun === undefined) return false
  if (rerun !== previous.rerun) return true
  const child = childNames.job(job.metadata.name, revision)
  const wasScheduled = previous.resources.some(({ kind }) => kind === 'CronJob')
  return wasScheduled && previous.resources.some(({ kind, metadata }) => kind === 'Job' && metadata.name === child)
}

/** Whether an expansion is made of what there is now, the operator's settings among it. */
function sameInputs(previous: Expansion, now: Basis, resolved: Resolved, input: ExpandInput): boolean {
  const token = tokenOf(input)
  return (
    previous.specHash === now.specHash &&
    previous.requester === now.requester &&
    previous.settingsHash === now.settingsHash &&
    previous.egress === egressMark(resolved, input.settings) &&
    (token === undefined || token === previous.rerun) &&
    canonicalJson(previous.references) === canonicalJson(now.references)
  )
}

function unsigned({ signature: _, ...expansion }: Expansion): Expansion {
  return expansion
}
