import { homedir } from 'node:os'
import { join } from 'node:path'

/** Folder of everything built or started here: `$XDG_CACHE_HOME/agentjob`, else `~/.cache/agentjob`. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agentjob')
}

/** Folder that holds one folder for each cluster. */
export function clustersDir(): string {
  return join(cacheDir(), 'clusters')
}

/**
 * Folder of one cluster: its kubeconfig, state, logs and data.
 * Refuses a name that can't also be a node's name and part of a path.
 */
export function clusterDir(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `cluster name "${name}": lowercase letters, digits and inner dashes are allowed, at most 30 characters`,
    )
  }
  return join(clustersDir(), name)
}

/**
 * Folder of what must not outlive a boot: containerd's socket, tasks and network namespaces.
 * Short, since a socket's path has at most 107 characters.
 */
export function runDir(name: string): string {
  return join('/run/agentjob', name)
}
