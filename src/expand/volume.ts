import { Persistence } from '../api/agentjob.ts'
import type { ChildResource } from '../api/expansion.ts'
import type { NamedAgentJob } from './input.ts'
import { childLabels, childNames } from './names.ts'

const UNNAMED = Persistence.parse({})

/** The claim behind `persist`: it stays as long as its AgentJob, and only grows. */
export function renderVolume(job: NamedAgentJob): ChildResource {
  const { name, namespace } = job.metadata
  const { size, storageClassName, accessMode } = job.spec.persistence ?? UNNAMED
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
