import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { accountKubeconfig } from '../operator/install.ts'
import { grant, type Rule } from './users.ts'
import { agentjob, eventually, kubectl, newNamespace, type Output, theWorld } from './world.ts'

/** What the commands need that show AgentJobs and wait for them. */
export const READ: Rule = { apiGroups: ['agentjob.io'], resources: ['agentjobs'], verbs: ['get', 'list', 'watch'] }
/** What rerun and stop need besides. */
const PATCH: Rule = { ...READ, verbs: ['patch'] }
/** What logs needs besides. */
export const LOGS: Rule[] = [
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
]

/** Somebody who works with the command line in one namespace. */
export interface Person {
  namespace: string
  /** Of his own. */
  kubeconfig: string
  /** Runs a command to its end. */
  cli(...args: string[]): Promise<Output>
  /** Starts a command. */
  start(...args: string[]): Started
}

/** A command that may still be running; `output` is what it has printed so far. */
export interface Started {
  output: { stdout: string; stderr: string }
  /** Resolves with its exit code. */
  ended: Promise<number | null>
  /** With SIGTERM, unless said. */
  kill(signal?: NodeJS.Signals): void
}

/** Somebody with a namespace, and with rights in it alone: those that all commands need, unless said. */
export async function somebody(...rules: Rule[]): Promise<Person> {
  const { cluster, client, program } = await theWorld()
  const namespace = await newNamespace()
  await kubectl(['create', 'serviceaccount', 'somebody', '-n', namespace])
  const rights = rules.length ? rules : [...LOGS, PATCH, READ]
  await grant(`system:serviceaccount:${namespace}:somebody`, namespace, ...rights)
  const path = join(cluster.dir, `${namespace}.kubeconfig`)
  const kubeconfig = await accountKubeconfig(client, { namespace, name: 'somebody' }, cluster.kubeconfig, path)
  const env = { KUBECONFIG: kubeconfig }
  return {
    namespace,
    kubeconfig,
    cli: (...args) => agentjob(args, '', env),
    start: (...args) => started(program, args, env),
  }
}

function started(program: string, args: string[], env: Record<string, string>): Started {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (data) => {
      output[stream] += data
    })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { output, ended, kill: (signal) => void child.kill(signal) }
}

/** Waits until a command has printed something. */
export const says = ({ output }: Started, text: string): Promise<unknown> =>
  eventually(
    `it says ${text}`,
    async () => output,
    ({ stdout, stderr }) => (stdout + stderr).includes(text),
  )

/** A line of the commands that speaks of an AgentJob: `agentjob.agentjob.io/hello Succeeded`. */
export const line = (name: string, words: string): string => `agentjob.agentjob.io/${name} ${words}\n`

/** A prompt that lasts until it is interrupted. */
export const SLEEPS = 'echo: result half of it\necho: sleep 10m'
