import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { AGENT_CONTAINER } from '../expand/pod.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Pod } from '../status/observed.ts'
import { getAgentJob } from './agentjobs.ts'
import { attachable } from './attachable.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { podType, selector } from './logs.ts'
import { parseName } from './names.ts'

/** `agentjob attach`: a shell in the container of a run. */
export function attachCommand(): Command {
  return withClusterOptions(new Command('attach'))
    .description(
      'Opens a shell in the container of an AgentJob\'s newest run, by kubectl exec: while the agent works, and with spec.humanInTheLoop for some time after it. In it, "kill 1" ends what is left of that time, and the run ends as its agent has; "agentjob stop" ends it as well, and the phase is Stopped then.',
    )
    .usage('[options] <name> [-- command...]')
    .argument('<name>', 'AgentJob', parseName)
    .argument('[command...]', 'what to run in the container, instead of sh')
    .addHelpText(
      'after',
      `
Ends with the exit code of that command. kubectl has to be installed, and
whoever calls needs the verb create on pods/exec.

Examples:
  agentjob attach hello
  agentjob attach hello -n team -- git diff
  agentjob attach hello -- tar c . > workspace.tar`,
    )
    .action(async (name: string, command: string[], options: ClusterOptions) => {
      const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
      process.exitCode = await run('kubectl', await execArguments(name, command, options, isTerminal))
    })
}

/** The arguments of kubectl that open the newest pod which runs; a Failure where none does. */
async function execArguments(name: string, command: string[], o: ClusterOptions, isTerminal: boolean) {
  const found: string[] = []
  await withCluster(o, async (cluster) => {
    found.push('exec', '-n', cluster.namespace)
    for (const option of ['context', 'kubeconfig', 'as'] as const)
      if (o[option] !== undefined) found.push(`--${option}`, o[option])
    found.push('-i', ...(isTerminal ? ['-t'] : []), await podOf(cluster, name))
  })
  return [...found, '-c', AGENT_CONTAINER, '--', ...(command.length ? command : ['sh'])]
}

async function podOf(cluster: Cluster, name: string): Promise<string> {
  const { client, namespace } = cluster
  const job = await getAgentJob(cluster, name)
  const { items } = await client.list<Pod & PartialObjectMetadata>(podType, { namespace, ...selector(name) })
  return attachable(job, items)
}

/** Runs a program on this terminal, having said which; gives its exit code. */
async function run(program: string, args: string[]): Promise<number> {
  process.stderr.write(`${[program, ...args].map(quoted).join(' ')}\n`)
  const child = spawn(program, args, { stdio: 'inherit' })
  // what a terminal sends goes to both: the program's answer counts
  const ignore = () => undefined
  process.on('SIGINT', ignore)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', () =>
        reject(new Failure(`there is no program ${program} to attach with; install it`, EXIT.usage)),
      )
      child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    })
  } finally {
    process.off('SIGINT', ignore)
  }
}

/** A word as a shell reads it. */
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
