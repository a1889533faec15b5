import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './connection.ts'
import { rotating } from './rotating.ts'

/** Where a pod finds its ServiceAccount, unless said otherwise. */
export interface PodOptions {
  env?: Record<string, string | undefined>
  serviceAccountDirectory?: string
  /** Milliseconds; Date.now unless said. */
  now?: () => number
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server of the cluster in whose pod this runs, as the pod's ServiceAccount; undefined where it runs in none.
 * Without KubeConfig: loading that takes a tenth of a second and 22 MB, which the operator needs for something better.
 */
export function serviceAccountConnection(o: PodOptions = {}): Connection | undefined {
  const { env = process.env, serviceAccountDirectory: directory = SERVICE_ACCOUNT, now = Date.now } = o
  const host = env.KUBERNETES_SERVICE_HOST
  const tokenFile = join(directory, 'token')
  if (!host || !existsSync(tokenFile)) return undefined
  const options = rotating(async () => {
    const [ca, token] = await Promise.all([readFile(join(directory, 'ca.crt')), readFile(tokenFile, 'utf8')])
    return { ca, headers: { Authorization: `Bearer ${token.trim()}` } }
  }, now)
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? 443}`,
    namespace: readFileSync(join(directory, 'namespace'), 'utf8').trim(),
    requestOptions: options.get,
    refresh: options.forget,
  }
}
