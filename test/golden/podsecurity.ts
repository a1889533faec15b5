import type { V1Container, V1PodSecurityContext, V1PodTemplateSpec, V1SecurityContext } from '@kubernetes/client-node'

/*
 * Pod Security "restricted" (baseline included), written down from
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/ and from nothing of ours. Stricter where the page
 * knows exceptions that an agent's pod has no use for (NET_BIND_SERVICE, Windows).
 */

const VOLUMES = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image'],
  ...['persistentVolumeClaim', 'projected', 'secret'],
]
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'

type Check = (ok: boolean, what: string) => void

/** What of a pod template is against the standard: one line each. */
export function violations({ metadata, spec }: V1PodTemplateSpec): string[] {
  const found: string[] = []
  const check: Check = (ok, what) => {
    if (!ok) found.push(what)
  }
  if (!spec) return ['no spec']
  check(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, 'host namespaces')
  check(spec.os?.name !== 'windows', 'os')
  for (const { name, ...sources } of spec.volumes ?? []) {
    const [type, ...others] = Object.keys(sources)
    check(type !== undefined && !others.length && VOLUMES.includes(type), `volume ${name}`)
  }
  for (const [key, value] of Object.entries(metadata?.annotations ?? {}))
    if (key.startsWith(APP_ARMOR))
      check(value === '' || value === 'runtime/default' || value.startsWith('localhost/'), 'AppArmor annotation')
  const pod = spec.securityContext ?? {}
  checkBoth(pod, 'pod', check)
  check(!pod.sysctls?.length, 'sysctls')
  const { containers, initContainers = [], ephemeralContainers = [] } = spec
  for (const container of [...containers, ...initContainers]) checkContainer(container, pod, check)
  check(!ephemeralContainers.length, 'ephemeralContainers')
  return found
}

function checkContainer(container: V1Container, pod: V1PodSecurityContext, check: Check): void {
  const own = container.securityContext ?? {}
  const at = `container ${container.name}:`
  checkBoth(own, at, check)
  check(!own.privileged, `${at} privileged`)
  check(own.allowPrivilegeEscalation === false, `${at} allowPrivilegeEscalation`)
  check((own.capabilities?.drop ?? []).includes('ALL'), `${at} capabilities.drop`)
  check(!own.capabilities?.add?.length, `${at} capabilities.add`)
  check(own.procMount === undefined || own.procMount === 'Default', `${at} procMount`)
  check((own.runAsNonRoot ?? pod.runAsNonRoot) === true, `${at} runAsNonRoot`)
  check((own.runAsUser ?? pod.runAsUser) !== 0, `${at} runAsUser`)
  const profile = (own.seccompProfile ?? pod.seccompProfile)?.type
  check(profile === 'RuntimeDefault' || profile === 'Localhost', `${at} seccompProfile`)
  for (const port of container.ports ?? []) check(!port.hostPort, `${at} hostPort`)
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
  for (const handler of [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop])
    check(!handler?.httpGet?.host && !handler?.tcpSocket?.host, `${at} host of a probe or hook`)
}

/** What is said of the securityContext of a pod and of that of a container alike. */
function checkBoth(context: V1PodSecurityContext | V1SecurityContext, at: string, check: Check): void {
  check(!context.windowsOptions?.hostProcess, `${at} hostProcess`)
  check(context.runAsNonRoot === undefined || context.runAsNonRoot === true, `${at} runAsNonRoot`)
  check(context.runAsUser !== 0, `${at} runAsUser`)
  const { user, role, type = '' } = context.seLinuxOptions ?? {}
  check(!user && !role && ['', 'container_t'].includes(type), `${at} seLinuxOptions`)
  for (const profile of ['appArmorProfile', 'seccompProfile'] as const)
    check([undefined, 'RuntimeDefault', 'Localhost'].includes(context[profile]?.type), `${at} ${profile}`)
}
