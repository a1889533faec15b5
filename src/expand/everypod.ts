import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Fields } from '../api/isfields.ts'
import type { EnvVar } from './environment.ts'
import type { NamedAgentJob } from './input.ts'
import { CA_VOLUME } from './names.ts'
import type { PodTemplate } from './podtemplate/overlay.ts'
import type { Settings } from './settings.ts'

/*
 * What the operator's settings give to the pod of every agent; docs/guides/operate.md says what is meant by it.
 */

type Given = Pick<Settings, 'pods'>

const CA_FOLDER = '/opt/agentjob/ca'
const CA_FILE = `${CA_FOLDER}/ca.crt`

/** Folder of the CA bundle in each container; undefined where the settings name none. */
export const caFolder = ({ pods }: Given): string | undefined =>
  pods.caBundle.configMap === undefined ? undefined : CA_FOLDER

/**
 * What makes programs trust the bundle. All but NODE_EXTRA_CA_CERTS and DENO_CERT have it in the place of what the image
 * trusts, which is why a bundle has to be complete. curl's own CURL_CA_BUNDLE is not among them: curl reads SSL_CERT_FILE,
 * and would take ours before the SSL_CERT_FILE of somebody who sets that.
 */
const CA_ENV: EnvVar[] = [
  // OpenSSL, and with it curl, Python and Ruby; Go, Rust
  'SSL_CERT_FILE',
  // Node and Bun, which have their CAs built in
  'NODE_EXTRA_CA_CERTS',
  'DENO_CERT',
  // Git names a file of its own to libcurl
  'GIT_SSL_CAINFO',
  // Python's requests, and pip, which bring their CAs along
  'REQUESTS_CA_BUNDLE',
].map((name) => ({ name, value: CA_FILE }))

/** In capitals and not: curl reads http_proxy alone, others HTTP_PROXY alone. */
function proxyEnv({ http, https, noProxy }: Settings['pods']['proxy']): EnvVar[] {
  if (http === undefined && https === undefined) return []
  const values = { HTTP_PROXY: http, HTTPS_PROXY: https, NO_PROXY: noProxy.length ? noProxy.join(',') : undefined }
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          { name, value },
          { name: name.toLowerCase(), value },
        ],
  )
}

const defaultResources = ({ requests, limits }: Settings['pods']['resources']): Fields | undefined => {
  const given = Object.entries({ requests, limits }).filter(([, list]) => Object.keys(list).length)
  return given.length ? Object.fromEntries(given) : undefined
}

/** The resources of an agent's container: the AgentJob's, else the AgentRuntime's, else those of the settings. */
export function resourcesOf({ spec }: NamedAgentJob, runtime: AgentRuntimeSpec, { pods }: Given): Fields | undefined {
  const given = spec.resources ?? runtime.resources
  // a container may not have more than its pod, where a podTemplate says what that has
  const { resources: ofPod } = (spec.podTemplate?.spec ?? {}) as Fields
  return given ?? (ofPod === undefined ? defaultResources(pods.resources) : undefined)
}

/** What the settings give to every pod, the same in one form; undefined where that is nothing. */
export function givenToPods({ pods }: Given): Fields | undefined {
  const { configMap, key } = pods.caBundle
  const given = {
    resources: defaultResources(pods.resources),
    caBundle: configMap === undefined ? undefined : { configMap, key },
    proxy: proxyEnv(pods.proxy),
  }
  const isNothing = !given.resources && !given.caBundle && !given.proxy.length
  return isNothing ? undefined : given
}

/** A pod with proxy and CA bundle in each of its containers, and nothing in the place of what a container has already. */
export function withEveryPods(template: PodTemplate, { pods }: Given): PodTemplate {
  const { configMap, key } = pods.caBundle
  const env = [...proxyEnv(pods.proxy), ...(configMap === undefined ? [] : CA_ENV)]
  if (!env.length) return template
  // one that is missing keeps the pod from starting: programs would trust nobody, and say so in many ways
  const volume = { name: CA_VOLUME, configMap: { name: configMap, items: [{ key, path: 'ca.crt' }] } }
  const into = (container: Fields): Fields => {
    const own = (container.env ?? []) as Fields[]
    const mounts = (container.volumeMounts ?? []) as Fields[]
    return {
      ...container,
      // first, so that others can be made of them
      env: [...missing(own, env, ({ name }) => String(name).toLowerCase()), ...own],
      ...(configMap === undefined ? {} : { volumeMounts: [...mounts, ...missing(mounts, [MOUNT], placeOf)] }),
    }
  }
  const { containers, initContainers, volumes } = template.spec
  return {
    ...template,
    spec: {
      ...template.spec,
      ...(initContainers ? { initContainers: initContainers.map(into) } : {}),
      containers: containers.map(into),
      volumes: configMap === undefined ? volumes : [...volumes, ...missing(volumes, [volume], ({ name }) => name)],
    },
  }
}

const MOUNT = { name: CA_VOLUME, mountPath: CA_FOLDER, readOnly: true }
const placeOf = ({ mountPath }: Fields) => mountPath

/** Those of ours that are not there yet. Whoever sets HTTPS_PROXY means https_proxy as well. */
function missing<T extends object>(own: Fields[], ours: T[], keyOf: (member: Fields) => unknown): T[] {
  const taken = new Set(own.map(keyOf))
  return ours.filter((member) => !taken.has(keyOf(member as Fields)))
}
