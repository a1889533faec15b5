import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { administrator } from './api.ts'
import { binaries } from './binaries.ts'
import { ensureDns } from './dns.ts'
import { existingCluster, existingKubeconfig } from './existing.ts'
import { locked } from './lock.ts'
import { ensureBridge, ensureServices, removeNetwork } from './network.ts'
import { configureNode, importImage, importPauseImage } from './node.ts'
import { clusterDir } from './paths.ts'
import { whyNoPods } from './preflight.ts'
import { type Component, isGone, running, signal, start, stop } from './processes.ts'
import { type Progress, step } from './progress.ts'
import { apiServerReady, controlPlaneReady, nodeReady, nodeRegistered, servicesReady, until } from './ready.ts'
import { components, createState, readState, type State, serverOf, writeState } from './state.ts'
import { tearDown } from './teardown.ts'

/** A cluster that answers. */
export interface ClusterHandle {
  name: string
  /** Path of a kubeconfig whose user is cluster-admin. */
  kubeconfig: string
  /** URL of the API server. */
  server: string
  /** Address at which the API server and pods reach servers on this host. */
  hostAddress: string
  /** Whether pods run here. */
  pods: boolean
  /** Why they don't. */
  podsMissing?: string
  /** Paths of programs of the cluster's own version. */
  bin: { kubectl: string; etcd: string; kubeApiserver: string }
  /** Folder of the cluster: logs, data, certificates. */
  dir: string
}

/** `name` is `agentjob` where it is left out; `pods: false` is a control plane alone; `fresh` throws away what is there. */
export interface UpOptions {
  name?: string
  pods?: boolean
  fresh?: boolean
  progress: Progress
}

/**
 * Gives a cluster that answers: starts what is missing of it, builds its programs first if they never were.
 * A running one is returned at once, half a one is mended with its data. Where AGENTJOB_TEST_KUBECONFIG names an
 * existing cluster, that one is given and nothing is started.
 */
export async function up({
  name = 'agentjob',
  pods = true,
  fresh = false,
  progress,
}: UpOptions): Promise<ClusterHandle> {
  const existing = existingKubeconfig()
  if (existing) return existingCluster(existing, progress)
  const lock = `${clusterDir(name)}.lock`
  if (fresh) await down(name, { progress })
  return locked(lock, async () => {
    let state = await readState(name)
    if (!state) {
      const podsMissing = pods ? await whyNoPods(progress) : 'a control plane alone was asked for'
      state = await createState(name, await binaries(progress), podsMissing)
    } else if (state.podsMissing !== undefined && pods && state.network.bridge) {
      state = { ...state, podsMissing: await whyNoPods(progress) }
      await writeState(state)
    }
    if (!existsSync(state.bin)) state = { ...state, bin: await binaries(progress) }
    await bringUp(state, progress)
    if (pods && state.podsMissing) progress(`no pods: ${state.podsMissing}`)
    return handle(state)
  })
}

async function bringUp(state: State, progress: Progress): Promise<void> {
  const { name, folder } = state
  const present = await running(folder)
  const missing = components(state).filter((component) => !present.has(component.name))
  const get = await administrator(folder, serverOf(state))
  if (missing.length === 0) return controlPlaneReady(folder, get)
  await ensureBridge(name, state.network)
  if (state.podsMissing === undefined) {
    await ensureServices(state.network)
    await configureNode(state)
  }
  const startAll = (stage: number) => {
    for (const component of missing) if (stageOf(component) === stage) start(folder, component)
  }
  startAll(0)
  await step(progress, 'control plane ready', async () => {
    await apiServerReady(folder, get)
    startAll(1)
    const services = state.podsMissing === undefined ? startServices() : undefined
    await Promise.all([controlPlaneReady(folder, get), services])
  })
  if (state.podsMissing !== undefined) return
  await importPauseImage(state)
  await step(progress, 'node ready', async () => {
    await nodeReady(folder, name, get)
    await servicesReady(folder, state.network)
  })

  async function startServices(): Promise<void> {
    await nodeRegistered(folder, name, get)
    await until(folder, ['kube-apiserver'], () => ensureDns(state.network, get))
    startAll(2)
  }
}

/** A component ends, or waits long before it tries again, when it does not find what it talks to. */
function stageOf({ name }: Component): number {
  if (['etcd', 'kube-apiserver', 'containerd'].includes(name)) return 0
  // it asks for its node, and then once a second
  return name === 'kube-proxy' ? 2 : 1
}

function handle({ name, folder, bin, network, podsMissing }: State): ClusterHandle {
  return {
    name,
    kubeconfig: join(folder, 'kubeconfig'),
    server: serverOf({ name, folder, bin, network }),
    hostAddress: network.address,
    pods: podsMissing === undefined,
    podsMissing,
    bin: { kubectl: join(bin, 'kubectl'), etcd: join(bin, 'etcd'), kubeApiserver: join(bin, 'kube-apiserver') },
    dir: folder,
  }
}

/** Ends a cluster: its processes, pods, mounts, network and data. Does nothing where there is none. */
export async function down(name = 'agentjob', { progress }: { progress?: Progress } = {}): Promise<void> {
  const folder = clusterDir(name)
  if (!existsSync(folder)) return
  await locked(`${folder}.lock`, () =>
    step(progress ?? (() => {}), `cluster ${name} removed`, async () => {
      await tearDown(name, folder)
      await removeNetwork(name)
      await rm(folder, { recursive: true, force: true })
    }),
  )
}

/** What there is of a cluster: the pid of each component that should run (undefined where it does not). */
export interface ClusterStatus extends ClusterHandle {
  components: { name: string; pid?: number }[]
  /** Whether all of them run and the API server says that it is ready. */
  ready: boolean
}

/** Looks at a cluster without changing it; undefined if there is none of this name. */
export async function status(name = 'agentjob'): Promise<ClusterStatus | undefined> {
  const state = await readState(name)
  if (!state) return undefined
  const found = await running(state.folder)
  const list = components(state).map((component) => ({ name: component.name, pid: found.get(component.name) }))
  const get = await administrator(state.folder, serverOf(state))
  const answers = await get('/readyz').then(
    (answer) => answer.status === 200,
    () => false,
  )
  return { ...handle(state), components: list, ready: answers && list.every(({ pid }) => pid !== undefined) }
}

/**
 * Makes an image known to the cluster's node: `tar` is the path of a docker-archive. Pods then find it with
 * imagePullPolicy IfNotPresent or Never. Refuses a cluster that runs no pods, or that is not ours.
 */
export async function loadImage(cluster: ClusterHandle, tar: string): Promise<void> {
  if (!cluster.pods) throw new Error(`cluster ${cluster.name} runs no pods: ${cluster.podsMissing}`)
  const state = await ours(cluster)
  await importImage(state.name, tar)
}

/** Stops a component (`kube-apiserver`, `etcd`, …) and starts it again; resolves when the cluster is ready. */
export async function restart(cluster: ClusterHandle, component: string): Promise<void> {
  const state = await ours(cluster)
  await stop(state.folder, componentOf(state, component).name)
  await locked(`${state.folder}.lock`, () => bringUp(state, () => {}))
}

/**
 * Sends a signal to a component: SIGKILL to crash it (resolves when it is gone), SIGSTOP and SIGCONT to make it hang.
 * `up` starts it again.
 */
export async function kill(cluster: ClusterHandle, component: string, name: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const state = await ours(cluster)
  const pid = (await running(state.folder)).get(componentOf(state, component).name)
  if (pid === undefined) return
  signal(pid, name)
  while (name === 'SIGKILL' && !isGone(pid)) await sleep(5)
}

async function ours({ name, dir }: ClusterHandle): Promise<State> {
  const state = existingKubeconfig() ? undefined : await readState(name)
  if (state?.folder !== dir) throw new Error(`cluster ${name} at ${dir} is not one that this command started`)
  return state
}

function componentOf(state: State, name: string) {
  const all = components(state)
  const found = all.find((component) => component.name === name)
  if (!found) throw new Error(`no component "${name}"; there are ${all.map((component) => component.name).join(', ')}`)
  return found
}
