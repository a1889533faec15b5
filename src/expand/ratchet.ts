import type { ChildResource, Expansion, Problem } from '../api/expansion.ts'
import type { ExpandInput } from './input.ts'

const ACCESS_KINDS = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']

/**
 * An expansion in which something is in the way. Where the spec is the one that the previous expansion was made from,
 * its children stay, with the schedule paused and, where the ClusterAccess is what is gone, without its rights. Where
 * the spec changed there is nothing that could run it: no children until the problem is gone.
 */
export function keep(expansion: Expansion, problems: Problem[], { previous, specChanged }: ExpandInput): Expansion {
  if (specChanged || !previous || previous.specHash !== expansion.specHash) return { ...expansion, problems }
  const revoked = problems.some(({ path }) => path === 'spec.clusterAccessRef')
  return {
    ...expansion,
    configHash: previous.configHash,
    renderer: previous.renderer,
    problems,
    resources: previous.resources.flatMap((child) => {
      if (child.kind === 'CronJob') return [paused(child)]
      return revoked && ACCESS_KINDS.includes(child.kind) ? [] : [child]
    }),
  }
}

const paused = (cronJob: ChildResource): ChildResource => ({
  ...cronJob,
  spec: { ...(cronJob.spec as Record<string, unknown>), suspend: true },
})
