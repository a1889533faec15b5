import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'

/** Where to look for a cluster; everything may be left out. */
export interface KubeConfigOptions {
  /** The file of --kubeconfig; only this one is read then. */
  kubeconfig?: string
  /** The context of --context; current-context unless said. */
  context?: string
  env?: Record<string, string | undefined>
}

/** One file's worth of kubeconfig, with what KubeConfig itself leaves out. */
export interface LoadedKubeConfig {
  config: KubeConfig
  /** `tokenFile` of users by their name, absolute. */
  tokenFiles: Map<string, string>
}

interface KubeConfigFile {
  clusters?: { name: string }[]
  contexts?: { name: string; context?: { namespace?: string } }[]
  users?: { name: string; user?: KubeConfigUser }[]
  'current-context'?: string
}

interface KubeConfigUser {
  tokenFile?: string
  exec?: { command: string; apiVersion?: string; env?: { name: string; value: string }[] | null }
}

/**
 * Finds a cluster as kubectl does: --kubeconfig, else the files of $KUBECONFIG (missing ones are skipped, of entries with
 * the same name the first one counts), else ~/.kube/config. Throws a
 * sentence that says where it looked, or which contexts there are.
 */
export function loadKubeConfig(o: KubeConfigOptions): LoadedKubeConfig {
  const files = kubeConfigFiles(o)
  if (files.length === 0) throw new Error(`no cluster to talk to: ${whereNothingIs(o.env ?? process.env)}`)
  const loaded = fromFiles(files)
  choose(loaded.config, o.context, files)
  return loaded
}

/** The files that loadKubeConfig reads; throws where the one of --kubeconfig is missing. */
export function kubeConfigFiles({ kubeconfig: flag, env = process.env }: KubeConfigOptions): string[] {
  if (flag) {
    if (!existsSync(flag)) throw new Error(`the kubeconfig ${flag} does not exist`)
    return [flag]
  }
  const files = env.KUBECONFIG ? env.KUBECONFIG.split(delimiter).filter(Boolean) : [homeFile(env)]
  return files.filter((file) => existsSync(file))
}

const homeFile = (env: NodeJS.ProcessEnv) => join(env.HOME || homedir(), '.kube', 'config')

function whereNothingIs(env: NodeJS.ProcessEnv): string {
  const looked = env.KUBECONFIG ? `no file of $KUBECONFIG (${env.KUBECONFIG})` : `${homeFile(env)} does not`
  return `${looked} exist${env.KUBECONFIG ? 's' : ''}, and this is no pod with a service account; name a file with --kubeconfig or $KUBECONFIG`
}

function fromFiles(files: string[]): LoadedKubeConfig {
  const merged: LoadedKubeConfig = { config: new KubeConfig(), tokenFiles: new Map() }
  for (const file of files) mergeInto(merged, fromFile(file))
  return merged
}

function fromFile(file: string): LoadedKubeConfig {
  const tokenFiles = new Map<string, string>()
  try {
    const content = contentOf(file)
    const directory = dirname(resolve(file))
    for (const { name, user } of content.users ?? []) {
      if (user?.tokenFile) tokenFiles.set(name, resolve(directory, user.tokenFile))
      if (user?.exec) prepareExec(user.exec, directory)
    }
    const config = new KubeConfig()
    config.loadFromString(JSON.stringify(content))
    config.makePathsAbsolute(directory)
    return { config, tokenFiles }
  } catch (cause) {
    // the parser adds the lines around the place to its message, which may hold credentials
    const [reason] = (cause as Error).message.split(/:?\n/)
    throw new Error(`the kubeconfig ${file} can't be read: ${reason}`, { cause })
  }
}

function contentOf(file: string): KubeConfigFile {
  if (statSync(file).isDirectory()) throw new Error('it is a directory; name a file in it')
  const content: unknown = parse(readFileSync(file, 'utf8')) ?? {}
  if (typeof content !== 'object' || Array.isArray(content)) throw new Error('it holds no clusters, users and contexts')
  return content as KubeConfigFile
}

/** What client-go does for a credential plugin and KubeConfig leaves out: its path, and the version it is to answer in. */
function prepareExec(exec: NonNullable<KubeConfigUser['exec']>, directory: string): void {
  if (exec.command.includes('/')) exec.command = resolve(directory, exec.command)
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
}

function mergeInto(merged: LoadedKubeConfig, { config, tokenFiles }: LoadedKubeConfig): void {
  const into = merged.config
  const known = new Set(into.users.map((user) => user.name))
  for (const [user, file] of tokenFiles) if (!known.has(user)) merged.tokenFiles.set(user, file)
  into.clusters = firstOfEachName([...into.clusters, ...config.clusters])
  into.users = firstOfEachName([...into.users, ...config.users])
  into.contexts = firstOfEachName([...into.contexts, ...config.contexts])
  into.currentContext ||= config.currentContext
}

function firstOfEachName<T extends { name: string }>(entries: T[]): T[] {
  return entries.filter((entry, i) => entries.findIndex(({ name }) => name === entry.name) === i)
}

function choose(config: KubeConfig, context: string | undefined, files: string[]): void {
  if (context) config.setCurrentContext(context)
  const wanted = config.getCurrentContext()
  const there = config.contexts.map(({ name }) => name).join(', ') || 'none'
  const source = files.join(', ')
  if (!wanted) throw new Error(`${source} has no current-context; name one with --context, of: ${there}`)
  if (!config.getContextObject(wanted)) throw new Error(`${source} has no context ${wanted}; it has: ${there}`)
  if (!config.getCurrentCluster()) throw new Error(`${source}: the cluster of context ${wanted} is missing`)
}
