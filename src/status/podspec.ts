import type { ChildResource } from '../api/expansion.ts'

/** The spec of a pod, as far as a remedy looks at it. */
export interface PodSpec {
  initContainers?: { name?: string; image?: string }[]
  volumes?: { name?: string; configMap?: { name?: string; items?: { key?: string }[] } }[]
}
interface Spec {
  template?: { spec?: PodSpec }
  jobTemplate?: { spec?: Spec }
}

/** The spec of the pods of a child; undefined of one that has none. */
export function podSpecOf({ spec }: ChildResource): PodSpec | undefined {
  const { template, jobTemplate } = (spec ?? {}) as Spec
  return (template ?? jobTemplate?.spec?.template)?.spec
}
