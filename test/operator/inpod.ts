import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { NAMESPACE } from './install.ts'

/** A command line, and the environment that it needs beside this process's own. */
export interface Command {
  command: string[]
  env: Record<string, string>
}

interface KubeConfigFile {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { token: string } }[]
}

const SERVICE_ACCOUNT = '/run/secrets/kubernetes.io/serviceaccount'
const MOUNT = `mkdir -p ${SERVICE_ACCOUNT} && mount --bind "$0" ${SERVICE_ACCOUNT} && exec "$@"`

/**
 * A command as it would run in a pod of the operator's: with the ServiceAccount's files of `kubeconfig` where a pod has
 * them, in a mount namespace of its own. Only root on Linux can have that; undefined elsewhere.
 */
export async function inPod(command: string[], kubeconfig: string): Promise<Command | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8')) as KubeConfigFile
  const { server, 'certificate-authority-data': ca } = clusters[0]!.cluster
  const folder = `${kubeconfig}.serviceaccount`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'token'), users[0]!.user.token, { mode: 0o600 })
  await writeFile(join(folder, 'ca.crt'), Buffer.from(ca, 'base64'))
  await writeFile(join(folder, 'namespace'), NAMESPACE)
  const { hostname, port } = new URL(server)
  return {
    command: ['unshare', '--mount', 'sh', '-c', MOUNT, folder, ...command],
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port || '443' },
  }
}
