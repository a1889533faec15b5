import { Command, InvalidArgumentError } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { parseDuration } from '../api/duration.ts'
import { nearest } from '../api/unknownfields.ts'
import { agentJobs, notFound, shortName } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { parseName } from './names.ts'
import { until, watched } from './until.ts'
import { CONDITIONS, PHASES, type Verdict, verdictOn } from './verdict.ts'

const GOALS = ['Succeeded', 'Complete', 'Failed', ...CONDITIONS, ...PHASES, 'delete']

/** `agentjob wait`: until the run of an AgentJob has ended, or something else is so. */
export function waitCommand(): Command {
  return withTimeout(withClusterOptions(new Command('wait')))
    .description(
      'Waits until the current run of an AgentJob has ended: of a one-shot the run of its spec as it is now, of a schedule the one that "agentjob rerun" asked for. Watches, and shows on the way where it stands.',
    )
    .argument('<name>', 'AgentJob', parseName)
    .option('--for <what>', `${GOALS.join(', ')}`, parseGoal, 'Succeeded')
    .addHelpText(
      'after',
      `
Ends with 0 when it is so, and with 1 as soon as it can't be any more, because
the run failed for example.

Examples:
  agentjob wait hello
  agentjob wait hello --timeout=10m
  agentjob wait nightly --for=Ready`,
    )
    .action((name: string, options: ClusterOptions & { for: string; timeout?: number }) =>
      withCluster(options, (cluster) => waitFor(cluster, name, options.for, options.timeout)),
    )
}

/** Adds --timeout, in milliseconds. */
export const withTimeout = (command: Command): Command =>
  command.option(
    '--timeout <duration>',
    'how long to wait: 30s, 5m, 1h30m; 0 looks once; without it, as long as it takes',
    (text) => {
      const duration = parseDuration(text)
      if (duration === undefined) throw new InvalidArgumentError('It must be a duration such as 30s, 5m or 1h30m.')
      return duration
    },
  )

function parseGoal(text: string): string {
  const word = text.replace(/^condition=/i, '')
  const goal = GOALS.find((known) => known.toLowerCase() === word.toLowerCase())
  if (goal) return goal
  const near = nearest(word, GOALS)
  throw new InvalidArgumentError(near ? `Did you mean ${near}?` : `It can be ${GOALS.join(', ')}.`)
}

/** Waits for an AgentJob to be where `goal` says; a Failure where it will not be, or is not in time. */
export async function waitFor(
  cluster: Cluster,
  name: string,
  goal: string,
  timeoutMs: number | undefined,
): Promise<void> {
  const end = await endOf(cluster, name, goal, { timeoutMs, tell: teller(name) })
  if (end.state === 'failed') throw new Failure(`${shortName(name)} ${end.words}`)
  process.stdout.write(`${shortName(name)} ${end.words}\n`)
}

interface EndOptions {
  timeoutMs?: number
  /** Told in words where it stands, on the way. */
  tell(words: string): void
}

/** What waiting for an AgentJob comes to, met or failed; a Failure where it is not there, or not in time. */
export async function endOf(cluster: Cluster, name: string, goal: string, o: EndOptions): Promise<Verdict> {
  const { client, namespace } = cluster
  const jobs = watched<AgentJob>(agentJobs, namespace, { fieldSelector: `metadata.name=${name}` })
  let last: Verdict | undefined
  let seen = false
  const look = (): Verdict | 'missing' | undefined => {
    const job = jobs.store.get(namespace, name)
    if (!job) return goal === 'delete' ? { state: 'met', words: 'deleted' } : 'missing'
    seen = true
    last = goal === 'delete' ? { state: 'waiting', words: 'still there' } : verdictOn(job, goal)
    if (last.state !== 'waiting') return last
    o.tell(last.words)
    return undefined
  }
  const end = await until(client, [jobs], look, { timeoutMs: o.timeoutMs, onTrouble: o.tell })
  if (end === undefined) throw new Failure(`the time was up; ${name}: ${last?.words ?? 'no answer'}`, EXIT.timeout)
  if (end === 'missing')
    throw seen ? new Failure(`${shortName(name)} was deleted`, EXIT.notFound) : await notFound(cluster, name)
  return end
}

/** Says on stderr where something stands, each time that it is something else, and of the same again after `againMs`. */
export function teller(name: string, { againMs = Number.POSITIVE_INFINITY } = {}): (words: string) => void {
  let last = ''
  let toldAt = 0
  return (words) => {
    const now = Date.now()
    if (words === last && now - toldAt < againMs) return
    process.stderr.write(`${name}: ${words}\n`)
    ;[last, toldAt] = [words, now]
  }
}
