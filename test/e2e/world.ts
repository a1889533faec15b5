import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import type { AgentJobStatus, Phase } from '../../src/api/agentjobstatus.ts'
import type { Expansion } from '../../src/api/expansion.ts'
import { toYaml } from '../../src/cli/print.ts'
import { AGENT_JOB, CHILD_TYPES, JOB, POD } from '../../src/controller/types.ts'
import { type Client, createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject, PartialObjectMetadata, ResourceType } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type ClusterHandle, loadImage, up } from '../cluster/cluster.ts'
import { echoImage } from '../cluster/echo.ts'
import { stop } from '../cluster/processes.ts'
import { bundle, IMAGE_ENV } from '../operator/bundle.ts'
import { install, operatorKubeconfig, register } from '../operator/install.ts'
import { type Operator, startOperator } from '../operator/operator.ts'

/** Name of the cluster that the end-to-end tests run on. */
const NAME = process.env.AGENTJOB_TEST_CLUSTER ?? 'agentjob-test'
/** Of the processes that `bun test --parallel` runs files in, each has a cluster of its own. */
const clusterOf = (worker: number) => (worker === 1 ? NAME : `${NAME}-${worker}`)
/** Names of all clusters that `npm test` has end-to-end tests run on. */
export const CLUSTERS = [1, 2].map(clusterOf)
/** That of this process. */
export const CLUSTER = clusterOf(Number(process.env.BUN_TEST_WORKER_ID ?? 1))
/** The image of the agent that needs no model. */
export const ECHO = 'ghcr.io/agentjob/echo:dev'

export interface AgentJobObject extends PartialObjectMetadata {
  spec: Record<string, unknown>
  status?: AgentJobStatus
  expansion?: Expansion
}

/** A real cluster with the operator on it, and the ways in which tests reach it. */
export interface World {
  cluster: ClusterHandle
  client: Client
  /** The running operator; tests that stop it start it again. */
  operator: Operator
  /** Path of the kubeconfig of the operator's ServiceAccount. */
  operatorKubeconfig: string
  /** Path of our program, bundled as the image ships it: it starts in a quarter of the time that its source takes. */
  program: string
}

let world: Promise<World> | undefined

/** The one world of this test process: brought up by whoever asks first, and by the next one where that failed. */
export const theWorld = (): Promise<World> => {
  world ??= create().catch((error) => {
    world = undefined
    throw error
  })
  return world
}

async function create(): Promise<World> {
  const progress = (line: string) => console.error(`  ${line}`)
  const cluster = await up({ name: CLUSTER, progress })
  if (cluster.pods) await loadImage(cluster, (await echoImage(progress)).tar)
  const client = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig })))
  // a test process gets no word of its own end, so that its operator may outlive it
  await stop(cluster.dir, 'agentjob')
  await install(client)
  const kubeconfig = await operatorKubeconfig(client, cluster.kubeconfig, join(cluster.dir, 'operator.kubeconfig'))
  const [program] = (await bundle(join(cluster.dir, 'bundle'))) as [string]
  const operator = await startOperator(cluster, { name: 'operator', kubeconfig, command: [program], env: IMAGE_ENV })
  await register(client, operator.url as string)
  return { cluster, client, operator, operatorKubeconfig: kubeconfig, program }
}

const images = new Map<string, Promise<void>>()

/**
 * Packs an image of this machine's programs and makes it known to the cluster; gives the path of its archive. undefined
 * where there are no pods, or the machine has not all of the programs.
 */
export async function loaded(pack: () => Promise<string | undefined>): Promise<string | undefined> {
  const { cluster } = await theWorld()
  const tar = cluster.pods ? await pack() : undefined
  if (tar === undefined) return undefined
  if (!images.has(tar)) images.set(tar, loadImage(cluster, tar))
  await images.get(tar)
  return tar
}

const exec = promisify(execFile)

export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** Runs kubectl; `input` is its standard input. Never throws: the exit code is part of what is tested. */
export async function kubectl(args: string[], input?: string): Promise<Output> {
  const { cluster } = await theWorld()
  return run(cluster.bin.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args], input)
}

/** Our own command line from its source, on the runtime that AGENTJOB_RUNTIME names. */
const BIN = join(import.meta.dirname, '..', '..', 'bin', 'agentjob')

/** Runs our own command line against the cluster, with more environment variables if need be. */
export async function agentjob(args: string[], input?: string, env?: Record<string, string>): Promise<Output> {
  const { cluster, program } = await theWorld()
  return run(env?.AGENTJOB_RUNTIME ? BIN : program, args, input, { KUBECONFIG: cluster.kubeconfig, ...env })
}

async function run(file: string, args: string[], input?: string, env: Record<string, string> = {}): Promise<Output> {
  const running = exec(file, args, { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env }, timeout: 120_000 })
  running.child.stdin?.end(input ?? '')
  try {
    return { code: 0, ...(await running) }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : 1, stdout: stdout ?? '', stderr: stderr ?? String(error) }
  }
}

const NAMESPACES: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
}
let made = 0

/** A namespace of a test's own, in which Pod Security "restricted" is enforced. */
export async function newNamespace(): Promise<string> {
  const { client } = await theWorld()
  const name = `t${Date.now().toString(36)}-${made++}`
  await client.create<KubeObject>(NAMESPACES, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  })
  return name
}

/** `kubectl apply` of objects or of YAML; throws with kubectl's words when it is refused. Gives the warnings. */
export async function apply(
  namespace: string,
  objects: object | object[] | string,
  args: string[] = [],
): Promise<Output> {
  const text =
    typeof objects === 'string'
      ? objects
      : [objects]
          .flat()
          .map((object) => toYaml(object))
          .join('---\n')
  const output = await kubectl(['apply', '-n', namespace, '-f', '-', ...args], text)
  if (output.code !== 0) throw new Error(output.stderr)
  return output
}

/** What kubectl says of an `apply` that is refused; throws where it is not. */
export async function refusal(namespace: string, objects: object | object[], args?: string[]): Promise<string> {
  const output = await apply(namespace, objects, args).catch((error: Error) => error.message)
  if (typeof output !== 'string') throw new Error(`not refused: ${output.stdout}`)
  return output
}

/** An AgentRuntime that runs the echo agent. */
export const echoRuntime = (name = 'echo', spec: object = {}) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRuntime',
  metadata: { name },
  spec: { image: ECHO, imagePullPolicy: 'IfNotPresent', ...spec },
})

/** A ClusterAccess to ConfigMaps, named `namespace` or `cluster` after its scope. */
export const clusterAccess = (scope: 'Namespace' | 'Cluster' = 'Namespace') => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'ClusterAccess',
  metadata: { name: scope.toLowerCase() },
  spec: { scope, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }] },
})

/** A Secret in plain text. */
export const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
})

/** An AgentJob on that runtime. */
export const agentJob = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name, ...metadata },
  spec: { runtimeRef: 'echo', prompt: 'echo: result done', ...spec },
})

export async function getAgentJob(namespace: string, name: string): Promise<AgentJobObject> {
  const { client } = await theWorld()
  const found = await client.get<AgentJobObject>(AGENT_JOB, { namespace, name })
  if (!found) throw new Error(`AgentJob ${namespace}/${name} is not there`)
  return found
}

/** A merge patch of an AgentJob. */
export async function patch(namespace: string, name: string, body: object): Promise<AgentJobObject> {
  const { client } = await theWorld()
  return client.mergePatch<AgentJobObject>(AGENT_JOB, { namespace, name }, body)
}

/** Waits until something holds, and says what was there instead when it does not in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  holds: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await look()
    if (holds(value)) return value
    if (Date.now() > deadline)
      throw new Error(
        `${what}: not within ${timeoutMs} ms; last seen: ${JSON.stringify(value, withoutBallast, 1)?.slice(0, 3000)}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** They are longer than everything else together. */
const BALLAST = ['expansion', 'managedFields']
const withoutBallast = (field: string, value: unknown) => (BALLAST.includes(field) ? undefined : value)

/** Waits until the status of the current generation has a phase. */
export const untilPhase = (
  namespace: string,
  name: string,
  phase: Phase,
  timeoutMs?: number,
): Promise<AgentJobObject> =>
  eventually(
    `AgentJob ${name} ${phase}`,
    () => getAgentJob(namespace, name),
    ({ status, metadata }) => status?.phase === phase && status.observedGeneration === metadata.generation,
    timeoutMs,
  )

const TYPES = Object.fromEntries([JOB, POD, ...Object.values(CHILD_TYPES)].map((type) => [type.plural, type]))

/** Objects of a namespace, by the plural of a kind that AgentJobs bring about. */
export async function list<T extends PartialObjectMetadata = KubeObject>(
  namespace: string,
  plural: string,
  labelSelector?: string,
): Promise<T[]> {
  const { client } = await theWorld()
  const type = TYPES[plural]
  if (!type) throw new Error(`list knows ${Object.keys(TYPES).join(', ')}, not ${plural}`)
  return (await client.list<T>(type, { namespace, labelSelector })).items
}

/** The names of the objects of a kind in a namespace, without those that Kubernetes itself puts into every namespace. */
export const namesOf = async (namespace: string, plural: string): Promise<string[]> =>
  (await list(namespace, plural))
    .map(({ metadata }) => metadata.name as string)
    .filter((name) => !['default', 'kube-root-ca.crt'].includes(name))
    .sort()

/** The names of the Jobs of a namespace. */
export const jobNames = (namespace: string): Promise<string[]> => namesOf(namespace, 'jobs')

/** The log of a Job's agent. */
export const logOf = async (namespace: string, job: string): Promise<string> =>
  (await kubectl(['logs', '-n', namespace, `job/${job}`])).stdout

/** What the agent of a one-shot printed, once it has succeeded. */
export async function told(namespace: string, name: string): Promise<string> {
  const { status } = await untilPhase(namespace, name, 'Succeeded')
  return logOf(namespace, status?.jobName ?? '')
}

/** A line of a prompt that lasts until `goOn`; tests of what happens during a run cannot tell how long that takes. */
export const WAITS = 'echo: wait 8080'

/** Has the agents of a namespace go on that wait. Asked by way of the API server, which reaches pods in any cluster. */
export async function goOn(namespace: string): Promise<void> {
  const pods = await list<KubeObject & { status?: { phase?: string } }>(namespace, 'pods')
  const running = pods.filter(({ status }) => status?.phase === 'Running')
  for (const { metadata } of running) {
    const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}:8080/proxy/`
    await eventually(
      `${metadata.name} is told to go on`,
      () => kubectl(['get', '--raw', path]),
      ({ stdout }) => stdout.includes('going on'),
    )
  }
}

/** Long enough for a wrong second run to show. */
export const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1500))

/** The documents of a YAML stream. */
export const documents = (text: string): KubeObject[] => parseAllDocuments(text).map((document) => document.toJS())
