import type { ChildResource } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import { renderAccess } from './access.ts'
import { policiesOf } from './egress/egress.ts'
import { holdsRuns } from './held.ts'
import type { ExpandInput } from './input.ts'
import { renderCronJob } from './jobs.ts'
import { APPLIED_ANNOTATION } from './names.ts'
import type { RenderedPod } from './pod.ts'
import type { Resolved } from './references.ts'
import { renderVolume } from './volume.ts'

/** The children that last longer than a run, in the order of their creation: what a pod needs comes before it. */
export function childrenOf(
  { job, quotas, settings }: Pick<ExpandInput, 'job' | 'quotas' | 'settings'>,
  resolved: Resolved,
  pod: RenderedPod,
): ChildResource[] {
  const children: ChildResource[] = []
  // before anything that runs
  children.push(...policiesOf(job, resolved, pod, settings))
  if (job.spec.persist) children.push(renderVolume(job))
  if (resolved.access) children.push(...renderAccess(job, resolved.access.spec))
  if (pod.config) children.push(pod.config)
  if (job.spec.schedule !== undefined)
    children.push(renderCronJob(job, pod, holdsRuns(job.spec, resolved.runtime?.spec, quotas)))
  return children.map(withAppliedHash)
}

/** A child with the hash of what we apply, so that a field that is gone from the expansion shows as a difference. */
export function withAppliedHash(child: ChildResource): ChildResource {
  const { [APPLIED_ANNOTATION]: _, ...annotations } = child.metadata.annotations ?? {}
  const content = { ...child, metadata: { ...child.metadata, annotations } }
  return {
    ...content,
    metadata: { ...content.metadata, annotations: { ...annotations, [APPLIED_ANNOTATION]: hash(content, 16) } },
  }
}
