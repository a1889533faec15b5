import { canonicalJson } from '../../../src/api/hash.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { Observation } from './observation.ts'

/** Objects of somebody else's are there as he made them; Kubernetes itself may write their status. */
export const checkStrangers = ({ objects, strangers }: Observation): string[] =>
  strangers.flatMap((stranger) => {
    const { kind, metadata } = stranger
    const now = objects.find((object) => object.metadata.uid === metadata.uid)
    if (!now) return [`${kind} ${metadata.name}, which is not ours, is gone`]
    return content(now) === content(stranger)
      ? []
      : [`${kind} ${metadata.name}, which is not ours, is now ${content(now)}`]
  })

function content({ status: _, metadata, ...rest }: KubeObject): string {
  const { name, labels, annotations, ownerReferences, finalizers } = metadata
  return canonicalJson({ ...rest, metadata: { name, labels, annotations, ownerReferences, finalizers } })
}
