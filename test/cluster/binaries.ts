import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { built, moduleVersion } from './built.ts'
import { run } from './exec.ts'
import type { Progress } from './progress.ts'

const source = import.meta.dirname
const ours = ['certificates', 'pause', 'provisioner']
const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl']
/** What only a host that runs pods needs; it builds on Linux alone. */
const nodeOnly = ['kubelet', 'kube-proxy']

/** Version of Kubernetes that `go.mod` asks for, as `v1.36.3`. */
export const kubernetesVersion = (): Promise<string> => moduleVersion(join(source, 'go.mod'), 'k8s.io/kubernetes')

/**
 * Builds everything that a cluster consists of, if no earlier build of the same sources is cached, and gives the folder
 * of the binaries, named as the programs are (`etcd`, `kube-apiserver`, …). Refuses without Go.
 */
export async function binaries(progress: Progress): Promise<string> {
  const version = await kubernetesVersion()
  const flags = buildFlags(version)
  const modules = ['.', ...(hasPods ? ['coredns'] : [])]
  const programs = ['certificates/main.go', 'pause/main.go', 'provisioner/main.go', 'provisioner/reconcile.go']
  const sources = [...modules.flatMap((module) => [`${module}/go.mod`, `${module}/go.sum`]), ...programs]
  if (hasPods) sources.push('coredns/main.go')
  return built(
    {
      name: `kubernetes ${version}`,
      takes: 'about 6 minutes',
      sources: sources.map((file) => join(source, file)),
      options: [flags, packages()],
      build: (folder) => build(flags, folder),
    },
    progress,
  )
}

const hasPods = process.platform === 'linux'

async function build(flags: string[], folder: string): Promise<void> {
  const env = { CGO_ENABLED: '0' }
  await run('go', ['build', ...flags, '-o', `${folder}/`, ...packages()], { cwd: source, env })
  await rename(join(folder, 'server'), join(folder, 'etcd'))
  // it wants a newer Kubernetes client than Kubernetes itself, so it is a module of its own
  if (hasPods) await run('go', ['build', ...flags, '-o', `${folder}/`, '.'], { cwd: join(source, 'coredns'), env })
}

function packages(): string[] {
  const commands = hasPods ? [...kubernetes, ...nodeOnly] : kubernetes
  return [
    'go.etcd.io/etcd/server/v3',
    ...commands.map((name) => `k8s.io/kubernetes/cmd/${name}`),
    ...ours.map((name) => `./${name}`),
  ]
}

/** Without its version flags the API server calls itself v0.0.0-master, which clients and charts can't compare. */
function buildFlags(version: string): string[] {
  const [major, minor] = version.slice(1).split('.')
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  const x = Object.entries(stamps).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`)
  return ['-trimpath', '-buildvcs=false', '-ldflags', ['-s', '-w', ...x].join(' ')]
}
