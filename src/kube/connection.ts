import { readFile } from 'node:fs/promises'
import type https from 'node:https'
import { type KubeConfigOptions, kubeConfigFiles, type LoadedKubeConfig, loadKubeConfig } from './kubeconfig.ts'
import { rotating } from './rotating.ts'
import { type PodOptions, serviceAccountConnection } from './serviceaccount.ts'

/** How to reach one API server, and as whom. */
export interface Connection {
  /** Its URL; may have a path, where clusters stand behind one proxy. */
  server: string
  /** Of the context, or the pod's; `default` where neither says. */
  namespace: string
  /** Of the context, as the kubeconfig calls it. */
  user?: string
  /** TLS material and authorization headers, at most 10 s old: files are read again, an expired exec plugin runs again. */
  requestOptions(): Promise<https.RequestOptions>
  /** Forgets all credentials and reads the kubeconfig again: the server has said 401. */
  refresh(): void
}

/**
 * Finds the cluster like kubectl (see loadKubeConfig, also for what it throws); without any kubeconfig it is that of the
 * pod in which this runs. Connects to nothing yet.
 */
export function loadConnection(o: KubeConfigOptions & PodOptions = {}): Connection {
  const pod = !o.context && kubeConfigFiles(o).length === 0 ? serviceAccountConnection(o) : undefined
  if (pod) return pod
  let loaded = loadKubeConfig(o)
  const options = rotating(() => readOptions(loaded), o.now ?? Date.now)
  const context = loaded.config.getContextObject(loaded.config.getCurrentContext())
  return {
    server: loaded.config.getCurrentCluster()!.server,
    namespace: context?.namespace || 'default',
    user: loaded.config.getCurrentUser()?.name,
    requestOptions: options.get,
    refresh() {
      options.forget()
      try {
        loaded = loadKubeConfig(o)
      } catch {
        // It is being written right now: what we have may still do.
      }
    },
  }
}

async function readOptions({ config, tokenFiles }: LoadedKubeConfig): Promise<https.RequestOptions> {
  const user = config.getCurrentUser()
  const cluster = config.getCurrentCluster()
  // KubeConfig refuses plain http otherwise; kubectl does not.
  if (cluster?.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true })
  const options: https.RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  // Its agent keeps nothing alive and never sees new certificates; only that of a proxy is needed.
  if (!cluster?.proxyUrl) delete options.agent
  const tokenFile = user && tokenFiles.get(user.name)
  if (tokenFile)
    options.headers = { ...options.headers, Authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` }
  return options
}
