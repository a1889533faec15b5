import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Credential } from '../api/credentials.ts'
import { trimmed } from '../api/paths.ts'
import type { EnvVar } from './environment.ts'

/** As ssh and others like to see their keys. The kubelet lets the pod's group read them as well: fsGroup. */
const FILE_MODE = 0o600

/** What credentials come to in a pod: always references, so that no value of a Secret is ever in an object of ours. */
export interface RenderedCredentials {
  env: EnvVar[]
  envFrom: { secretRef: { name: string } }[]
  volumes: { name: string; secret: object }[]
  mounts: { name: string; mountPath: string; subPath?: string; readOnly: true }[]
}

/** Renders the credentials of a runtime: variables, files, or a whole Secret as either of them. */
export function renderCredentials({ credentials = [] }: AgentRuntimeSpec): RenderedCredentials {
  const rendered: RenderedCredentials = { env: [], envFrom: [], volumes: [], mounts: [] }
  for (const credential of credentials) {
    const { secretRef, env, mountPath } = credential
    if (env !== undefined) rendered.env.push({ name: env, valueFrom: { secretKeyRef: secretRef } })
    else if (mountPath === undefined) rendered.envFrom.push({ secretRef: { name: secretRef.name } })
    else {
      const name = `credential-${credential.name}`
      rendered.volumes.push({ name, secret: secretVolume(credential) })
      rendered.mounts.push({
        name,
        mountPath: trimmed(mountPath),
        ...(secretRef.key === undefined ? {} : { subPath: secretRef.key }),
        readOnly: true,
      })
    }
  }
  return rendered
}

const secretVolume = ({ secretRef: { name, key }, fileMode = FILE_MODE }: Credential) => ({
  secretName: name,
  defaultMode: fileMode,
  ...(key === undefined ? {} : { items: [{ key, path: key }] }),
})
