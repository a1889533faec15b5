import type { AgentJobSpec } from '../api/agentjob.ts'
import type { Finding } from '../api/finding.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Start } from '../dialects/task.ts'
import type { EnvVar } from './environment.ts'
import type { Mount } from './files.ts'

/** Whether a further attempt is to go on with the session of the one before. */
export const resumes = ({ retry, persist }: AgentJobSpec): boolean => retry?.resume === true && persist

/**
 * The Job that a pod is of: one for all attempts of a run, another one for the next run and the next revision. The label
 * is Kubernetes' own: https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-controller-uid
 */
const RUN: EnvVar = {
  name: 'AGENTJOB_RUN',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
}

/** Where a program keeps its sessions, on the volume that outlives the attempts, and the variable that it takes. */
export const sessionsOf = (folder: string | undefined): { env: EnvVar[]; mounts: Mount[] } =>
  folder === undefined
    ? { env: [], mounts: [] }
    : { env: [RUN], mounts: [{ name: 'data', mountPath: folder, subPathExpr: `.agentjob/$(${RUN.name})` }] }

/** What goes on with nothing, although it is asked to. */
export const notResumed = (spec: AgentJobSpec, dialect: Dialect['name'], start: Start | undefined): Finding[] =>
  resumes(spec) && !start?.resumed
    ? [
        {
          path: 'spec.retry.resume',
          message: `an AgentRuntime of dialect ${dialect} is not told to go on; it finds its volume as the last attempt left it`,
        },
      ]
    : []
