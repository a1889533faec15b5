import type { ChildResource, Expansion, Problem } from '../api/expansion.ts'
import { renderAccess } from './access.ts'
import { type Basis, tokenOf } from './basis.ts'
import { withAppliedHash } from './children.ts'
import { egressFaults, egressMark, isPolicy, policiesOf } from './egress/egress.ts'
import { policyKinds } from './egress/settings.ts'
import type { ExpandInput } from './input.ts'
import { childNames } from './names.ts'
import type { RenderedPod } from './pod.ts'
import { isGranted } from './problems.ts'
import type { Resolved } from './references.ts'
import { nextRevision } from './revision.ts'
import type { Settings } from './settings.ts'

const RIGHTS = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']

/**
 * An expansion with something in the way: the children of the one before stay, the schedule pauses, and nothing new
 * starts. A rerun token and changed references are honoured when the way is free. Rights and policies alone follow the
 * present, so that what was taken back is gone whatever else is in the way.
 */
export function withhold(
  input: ExpandInput,
  basis: Basis,
  problems: Problem[],
  resolved: Resolved,
  pod: RenderedPod,
): Expansion {
  const { job, previous, settings } = input
  const honoured = {
    inputHash: basis.inputHash,
    referencesHash: previous?.referencesHash,
    rerun: previous ? previous.rerun : tokenOf(input),
  }
  const revision = nextRevision(job.spec, honoured, previous)
  const same = previous?.inputHash === basis.inputHash
  const policies = policiesNow(input, resolved, pod)
  const stays = (previous?.resources ?? []).filter((child) => !policies || !isPolicy(child))
  return {
    revision,
    ...basis,
    ...honoured,
    // what stays is what was rendered then
    ...(previous && same ? whatRendered(previous) : {}),
    problems,
    egress: policies ? egressMark(resolved, settings) : markOf(input, resolved),
    resources: [
      ...(policies ?? []),
      ...stays.flatMap((child) => {
        if (child.kind === 'Job')
          return child.metadata.name === childNames.job(job.metadata.name, revision) ? [child] : []
        if (child.kind === 'ServiceAccount') return settings.clusterAccess ? [child, ...rightsOf(input, resolved)] : []
        return whatStays(child, settings)
      }),
    ],
  }
}

const whatRendered = ({ configHash, renderer, settingsHash }: Expansion) => ({ configHash, renderer, settingsHash })

/**
 * The policies by what resolves now; undefined where the ones before stay, because nobody knows what the AgentRuntime opens
 * or because it is more than the ceiling allows, and where nothing has ever run that they could limit.
 */
function policiesNow(input: ExpandInput, resolved: Resolved, pod: RenderedPod): ChildResource[] | undefined {
  const { job, previous, settings } = input
  if (!settings.egress?.enabled || !resolved.runtime || !previous?.resources.length) return undefined
  if (egressFaults(job, resolved, pod, settings).length) return undefined
  const access = resolved.access && isGranted(input, resolved.access) ? resolved.access : undefined
  return policiesOf(job, { ...resolved, access }, pod, settings).map(withAppliedHash)
}

/** Policies that stay are those of the expansion before; one that was made without has none. */
function markOf({ previous, settings }: ExpandInput, resolved: Resolved): string | undefined {
  if (!settings.egress?.enabled) return egressMark(resolved, settings)
  return previous?.resources.some(isPolicy) ? previous.egress : undefined
}

/** What is left of a child while something is in the way, apart from rights. */
export function whatStays(child: ChildResource, { egress }: Pick<Settings, 'egress'>): ChildResource[] {
  // the controller has no right to look after what is switched off
  if (isPolicy(child)) return egress?.enabled && policyKinds(egress).includes(child.kind) ? [child] : []
  if (child.kind === 'CronJob') return [paused(child)]
  return isRight(child) ? [] : [child]
}

const isRight = ({ kind }: ChildResource) => RIGHTS.includes(kind)

const rightsOf = (input: ExpandInput, { access }: Resolved) =>
  access && isGranted(input, access) ? renderAccess(input.job, access.spec).filter(isRight).map(withAppliedHash) : []

const paused = (cronJob: ChildResource): ChildResource =>
  withAppliedHash({ ...cronJob, spec: { ...(cronJob.spec as Record<string, unknown>), suspend: true } })
