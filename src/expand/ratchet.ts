import type { ChildResource, Expansion } from '../api/expansion.ts'
import { renderAccess } from './access.ts'
import { withAppliedHash } from './children.ts'
import type { ExpandInput } from './input.ts'
import { isGranted } from './problems.ts'
import type { Resolved } from './references.ts'

const RIGHTS = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']

/**
 * What stays of an expansion whose spec is the same, but which could not be made now: its children and its revision,
 * with the schedule paused. Rights alone follow the present, so that what was taken back is gone whatever else is in
 * the way.
 */
export function keep(
  previous: Expansion,
  now: Pick<Expansion, 'requester' | 'references' | 'grants' | 'problems'>,
  input: ExpandInput,
  { access }: Resolved,
): Expansion {
  const rights = access && isGranted(input, access) ? renderAccess(input.job, access.spec).filter(isRight) : []
  const { grants: _, ...kept } = previous
  return {
    ...kept,
    requester: now.requester,
    references: now.references,
    ...(now.grants ? { grants: now.grants } : {}),
    problems: now.problems,
    resources: previous.resources.flatMap((child) => {
      if (child.kind === 'CronJob') return [paused(child)]
      if (child.kind === 'ServiceAccount') return [child, ...rights.map(withAppliedHash)]
      return isRight(child) ? [] : [child]
    }),
  }
}

const isRight = ({ kind }: ChildResource) => RIGHTS.includes(kind)

const paused = (cronJob: ChildResource): ChildResource =>
  withAppliedHash({ ...cronJob, spec: { ...(cronJob.spec as Record<string, unknown>), suspend: true } })
