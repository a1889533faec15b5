import { type AgentJob, Persistence } from '../api/agentjob.ts'
import type { ChildResource } from '../api/expansion.ts'
import { childLabels, childNames } from './names.ts'

/** The claim behind `persist`: it stays as long as its AgentJob, and only grows. */
export function renderVolume(job: AgentJob): ChildResource {
  const { name, namespace } = job.metadata as { name: string; namespace: string }
  const { size, storageClassName, accessMode } = job.spec.persistence ?? Persistence.parse({})
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: childNames.volume(name), namespace, labels: childLabels(name) },
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: size } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  }
}
