import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath, run } from './exec.ts'
import { locked } from './lock.ts'
import { cacheDir } from './paths.ts'
import { duration, type Progress } from './progress.ts'

const source = import.meta.dirname
const ours = ['certificates', 'pause', 'provisioner']
const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl']
/** What only a host that runs pods needs; it builds on Linux alone. */
const nodeOnly = ['kubelet']

/** Version of Kubernetes that `go.mod` asks for, as `v1.36.3`. */
export async function kubernetesVersion(): Promise<string> {
  const version = (await readFile(join(source, 'go.mod'), 'utf8')).match(
    /^(?:require |\t)k8s\.io\/kubernetes (v\S+)/m,
  )?.[1]
  if (!version) throw new Error('test/cluster/go.mod: a line that requires k8s.io/kubernetes is missing')
  return version
}

/**
 * Builds everything that a cluster consists of, if no earlier build of the same sources is cached, and gives the folder
 * of the binaries, named as the programs are (`etcd`, `kube-apiserver`, …). Refuses without Go.
 */
export async function binaries(progress: Progress): Promise<string> {
  const version = await kubernetesVersion()
  const flags = buildFlags(version)
  const folder = join(cacheDir(), 'bin', `kubernetes-${version}-${await inputs(flags)}`)
  if (existsSync(folder)) return folder
  if (!(await onPath('go'))) {
    throw new Error('the cluster is built from Go modules and there is no "go" on the PATH: install it from go.dev/dl')
  }
  await locked(`${folder}.lock`, async () => {
    if (existsSync(folder)) return
    const start = performance.now()
    progress(`building kubernetes ${version.slice(1)} (once, about 5 minutes) …`)
    await build(flags, folder)
    progress(`built kubernetes ${version.slice(1)}  ${duration(performance.now() - start)}`)
  })
  return folder
}

async function build(flags: string[], folder: string): Promise<void> {
  const partial = `${folder}.partial`
  await mkdir(partial, { recursive: true })
  await run('go', ['build', ...flags, '-o', `${partial}/`, ...packages()], { cwd: source, env: { CGO_ENABLED: '0' } })
  await rename(join(partial, 'server'), join(partial, 'etcd'))
  await rm(folder, { recursive: true, force: true })
  await rename(partial, folder)
}

function packages(): string[] {
  const commands = process.platform === 'linux' ? [...kubernetes, ...nodeOnly] : kubernetes
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

async function inputs(flags: string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, flags, packages()]))
  const files = ['certificates/main.go', 'pause/main.go', 'provisioner/main.go', 'provisioner/reconcile.go']
  for (const file of ['go.mod', 'go.sum', ...files]) hash.update(await readFile(join(source, file)))
  return hash.digest('hex').slice(0, 12)
}
