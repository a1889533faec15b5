import { setTimeout as sleep } from 'node:timers/promises'
import { POD } from '../../src/controller/types.ts'
import { FILE_ANNOTATIONS } from '../../src/expand/names.ts'
import { AGENT_CONTAINER } from '../../src/expand/pod.ts'
import type { Client } from '../../src/kube/client.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import type { Log } from '../../src/kube/log.ts'
import type { PartialObjectMetadata, ResourceType } from '../../src/kube/object.ts'
import { startReflector } from '../../src/kube/reflector.ts'
import { Store } from '../../src/kube/store.ts'
import { type Prompt, parsePrompt } from './schedule/prompt.ts'

const NODES: ResourceType = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false }
const HEARTBEAT_MS = 10_000
const TIMED_OUT = { exitCode: 143, reason: 'Error', message: '' }

interface Pod extends PartialObjectMetadata {
  spec: { nodeName?: string; activeDeadlineSeconds?: number }
  status?: { phase?: string }
}

/** What can happen to a pod meanwhile; each of them for good. */
interface Running {
  deadline: AbortController
  deletion: AbortController
}

/**
 * A stand-in for a node and its kubelet, which runs nothing: it says of each pod that is bound to the node what a
 * kubelet would (Running, then Succeeded or Failed with an exit code and a termination message, as the prompt asks
 * for), honours activeDeadlineSeconds, and lets go of pods that are deleted. Everything else about the pods, from the
 * Job's controller to the scheduler, is Kubernetes itself.
 */
export async function startKubelet(o: { client: Client; node: string; signal: AbortSignal; log: Log }): Promise<void> {
  const { client, node, signal, log } = o
  await client.create(NODES, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node, labels: { 'kubernetes.io/hostname': node, 'kubernetes.io/os': 'linux' } },
  })
  const store = new Store<Pod>(log)
  const running = new Map<string, Running>()
  store.onChange(({ type, object }) => {
    const uid = object.metadata.uid as string
    const known = running.get(uid) ?? { deadline: new AbortController(), deletion: new AbortController() }
    if (!running.has(uid) && type !== 'deleted') {
      running.set(uid, known)
      void live(client, object, known, signal).catch(
        (err) => signal.aborted || log.error({ err }, 'a pod could not be run'),
      )
    }
    if (type === 'deleted') running.delete(uid)
    if (type === 'deleted' || object.metadata.deletionTimestamp) known.deletion.abort()
    if (object.spec.activeDeadlineSeconds === 1) known.deadline.abort()
  })
  startReflector<Pod>({ client, type: POD, store, fieldSelector: `spec.nodeName=${node}`, signal, log })
  await heartbeat(client, node)
  void (async () => {
    while (!signal.aborted) {
      await sleep(HEARTBEAT_MS, undefined, { signal }).catch(() => {})
      if (!signal.aborted) await heartbeat(client, node).catch(() => {})
    }
  })()
}

async function heartbeat(client: Client, node: string): Promise<void> {
  const now = new Date().toISOString()
  const ready = { type: 'Ready', status: 'True', reason: 'StandIn', message: 'runs nothing', lastHeartbeatTime: now }
  const capacity = { cpu: '10000', memory: '10Ti', pods: '100000', 'ephemeral-storage': '10Ti' }
  const status = { conditions: [{ ...ready, lastTransitionTime: now }], capacity, allocatable: capacity }
  await client.mergePatch(NODES, { name: node }, { status }, { subresource: 'status' })
}

/** The life of one pod, from its arrival on the node until it is let go. */
async function live(client: Client, pod: Pod, { deadline, deletion }: Running, signal: AbortSignal): Promise<void> {
  if (pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed') {
    const startedAt = new Date().toISOString()
    const isRunning = { phase: 'Running', startTime: startedAt, ...agent({ running: { startedAt } }) }
    if (!(await say(client, pod, isRunning, signal))) return
    const prompt = promptOf(pod)
    const ended = AbortSignal.any([deadline.signal, deletion.signal, signal])
    await sleep(prompt.ms, undefined, { signal: ended }).catch(() => {})
    if (signal.aborted) return
    const { exitCode, reason, message } = ended.aborted ? TIMED_OUT : outcomeOf(prompt)
    const why = ended.aborted && !deletion.signal.aborted ? { reason: 'DeadlineExceeded' } : {}
    const terminated = { exitCode, reason, message, startedAt, finishedAt: new Date().toISOString() }
    await say(client, pod, { phase: exitCode ? 'Failed' : 'Succeeded', ...why, ...agent({ terminated }) }, signal)
  }
  await new Promise((resolve) => {
    if (deletion.signal.aborted) return resolve(undefined)
    deletion.signal.addEventListener('abort', resolve, { once: true })
  })
  await letGo(client, pod, signal)
}

function promptOf({ metadata }: Pod): Prompt {
  const config = JSON.parse(metadata.annotations?.[`${FILE_ANNOTATIONS}agent.json`] ?? '{}') as { prompt?: string }
  return parsePrompt(config.prompt ?? '') ?? { ms: 0, exitCode: 0, result: 'done' }
}

const outcomeOf = ({ exitCode, result }: Prompt) => ({
  exitCode,
  reason: exitCode ? 'Error' : 'Completed',
  message: result,
})

const agent = (state: object) => ({
  containerStatuses: [
    { name: AGENT_CONTAINER, image: 'none', imageID: 'none', ready: 'running' in state, restartCount: 0, state },
  ],
})

/** Writes a status, again and again until it is taken; false where the pod is gone. */
const say = (client: Client, { metadata }: Pod, status: object, signal: AbortSignal): Promise<boolean> =>
  persist(signal, () =>
    client.mergePatch(POD, keyOf(metadata), { metadata: { uid: metadata.uid }, status }, { subresource: 'status' }),
  )

const letGo = (client: Client, { metadata }: Pod, signal: AbortSignal): Promise<boolean> =>
  persist(signal, () => client.delete(POD, keyOf(metadata), { uid: metadata.uid, gracePeriodSeconds: 0 }))

const keyOf = ({ namespace, name = '' }: Pod['metadata']) => ({ namespace, name })

async function persist(signal: AbortSignal, write: () => Promise<unknown>): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await write()
      return true
    } catch (error) {
      // a conflict: another pod of that name, so this one is gone
      if (isNotFound(error) || (error as { status?: number }).status === 409) return false
      await sleep(100)
    }
  }
  return false
}
