import { randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { parseDuration } from '../api/duration.ts'
import { delay } from '../kube/delay.ts'
import { isAlreadyExists, isConflict } from '../kube/errors.ts'
import { type KubeObject, objectKey, type PartialObjectMetadata } from '../kube/object.ts'
import { KEY_BYTES, readEpochs, type StoredEpochs } from '../signing/epochs.ts'
import { SECRET, SIGNING_EPOCHS, SIGNING_SECRET } from '../signing/key.ts'
import { type EpochData, nextStep, onlyWith, signingWith, withKey } from '../signing/rotation.ts'
import { epochOf, FIRST_EPOCH } from '../signing/signature.ts'
import { agentJobs } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { withTimeout } from './wait.ts'

/** In which every replica has read its keys again: more than one takes whose connection has died. */
const PAUSE_MS = 30_000
/** Between two looks at what is left. */
const LOOK_MS = 5000
/** How many names are told. */
const NAMES = 10

interface Flags extends ClusterOptions {
  leaked?: boolean
  /** Milliseconds. */
  pause: number
  timeout?: number
}

/** `agentjob rotate-key`: a new key for the signatures of expansions. */
export function rotateKeyCommand(): Command {
  const namespace = "the operator's own namespace; without it, agentjob-system"
  return withTimeout(withClusterOptions(new Command('rotate-key'), namespace))
    .description(
      'Gives the operator a new key to sign expansions with: all replicas learn it, then sign with it, the leader has what is older signed anew, and the old key is good for nothing any more. No run is started or ended. Can be interrupted: called again, it goes on; with --leaked it makes one more key instead.',
    )
    .option('--leaked', 'the old keys have leaked: what they signed is not believed from now on, and is expanded anew')
    .addOption(
      new Option(
        '--pause <duration>',
        'how long replicas get to learn of a step; most know at once, one whose connection has died within 25s; 0: none waits for them, and what a late one signs with a retired key loses who asked for it',
      )
        .argParser(pause)
        .default(PAUSE_MS, '30s'),
    )
    .addHelpText(
      'after',
      `
It takes the rights to read, write and delete Secrets of the operator's
namespace, and to list AgentJobs. With --leaked nobody can say any more who
asked for an AgentJob: those with a ClusterAccess wait for somebody entitled.

Examples:
  agentjob rotate-key
  agentjob rotate-key -n my-operator --timeout=1h`,
    )
    .action((flags: Flags) =>
      withCluster({ ...flags, namespace: flags.namespace ?? 'agentjob-system' }, (cluster) => rotate(cluster, flags)),
    )
}

function pause(text: string): number {
  // a number alone is one of seconds, and may have a fraction
  const duration = parseDuration(/^[\d.]+$/.test(text) ? `${text}s` : text)
  if (duration !== undefined) return duration
  throw new InvalidArgumentError('It must be a duration such as 30s, 2m or 1m30s.')
}

const tell = (line: string) => void process.stdout.write(`${line}\n`)

async function rotate(cluster: Cluster, flags: Flags): Promise<void> {
  if (flags.leaked) return retireAtOnce(cluster, flags)
  const learned = () => delay(flags.pause)
  const { stored: before } = await read(cluster)
  // whoever was interrupted between the two writes of the last step
  if (before && before.oldest > FIRST_EPOCH && (await hasFirst(cluster))) {
    await forgetFirst(cluster)
    tell('the first key, which is retired, is gone now')
    await learned()
    // that was the last step: another epoch takes another call
    if (nextStep(before).step === 'add') return tell(`epoch ${before.signs} is the only one`)
  }
  for (;;) {
    const { secret, stored } = await read(cluster)
    const { step, epoch } = nextStep(stored)
    const data = dataOf(secret)
    if (step === 'add') {
      await write(cluster, secret, withKey(data, epoch, randomBytes(KEY_BYTES)))
      tell(`epoch ${epoch} has a key; replicas learn it`)
    } else if (step === 'sign') {
      await learned()
      await write(cluster, secret, signingWith(data, epoch))
      tell(`epoch ${epoch} signs; what is older is signed anew`)
    } else {
      await learned()
      await untilNoneIsOlder(cluster, epoch, flags.timeout)
      await write(cluster, secret, onlyWith(data, epoch))
      await forgetFirst(cluster)
      tell('every older key is retired; replicas learn it')
      await learned()
      return tell(`epoch ${epoch} is the only one`)
    }
  }
}

async function retireAtOnce(cluster: Cluster, flags: Flags): Promise<void> {
  const { secret, stored } = await read(cluster)
  const { step, epoch: next } = nextStep(stored)
  const epoch = step === 'add' ? next : next + 1
  const before = await listed(cluster)
  const orphans = before.filter(({ expansion }) => expansion?.grants?.length)
  await write(cluster, secret, onlyWith(withKey(dataOf(secret), epoch, randomBytes(KEY_BYTES)), epoch))
  await forgetFirst(cluster)
  tell(`epoch ${epoch} is the only one; every older key is retired, and what it signed is expanded anew`)
  if (orphans.length)
    tell(`these wait until somebody entitled to what they name changes their spec:\n${namesOf(orphans, Infinity)}`)
  await delay(flags.pause)
  await untilNoneIsOlder(cluster, epoch, flags.timeout)
  tell('every AgentJob is expanded anew')
  const known = new Set(before.filter(isForbidden).map(objectKey))
  // nobody can say any more that they were there before the AgentQuota
  const forbidden = (await listed(cluster)).filter((job) => isForbidden(job) && !known.has(objectKey(job)))
  if (forbidden.length)
    tell(`an AgentQuota forbids these, and has not before; they start nothing:\n${namesOf(forbidden, Infinity)}`)
}

const isForbidden = ({ expansion }: Listed): boolean =>
  expansion?.problems?.some(({ reason }) => reason === 'ForbiddenByQuota') === true

const dataOf = (secret: KubeObject | undefined): EpochData => ({ ...(secret?.data as EpochData | undefined) })

async function read({ client, namespace }: Cluster): Promise<{ secret?: KubeObject; stored?: StoredEpochs }> {
  const secret = await client.get<KubeObject>(SECRET, { namespace, name: SIGNING_EPOCHS })
  if (secret) {
    try {
      return { secret, stored: readEpochs(dataOf(secret)) }
    } catch (error) {
      throw new Failure(`Secret ${namespace}/${SIGNING_EPOCHS}: ${(error as Error).message}`)
    }
  }
  if (await client.get(SECRET, { namespace, name: SIGNING_SECRET })) return {}
  throw new Failure(
    `namespace ${namespace} has neither Secret ${SIGNING_SECRET} nor ${SIGNING_EPOCHS}: no operator keeps its keys there; give the namespace of AgentJob's operator with -n`,
    EXIT.notFound,
  )
}

/** Writes what has been read, unless somebody else was faster. */
async function write({ client, namespace }: Cluster, secret: KubeObject | undefined, data: EpochData): Promise<void> {
  const metadata = { namespace, name: SIGNING_EPOCHS, labels: { 'app.kubernetes.io/part-of': 'agentjob' } }
  try {
    if (secret) await client.update<KubeObject>(SECRET, { ...secret, data })
    else await client.create<KubeObject>(SECRET, { apiVersion: 'v1', kind: 'Secret', metadata, data })
  } catch (error) {
    if (!isConflict(error) && !isAlreadyExists(error)) throw error
    throw new Failure(
      `somebody else has written Secret ${namespace}/${SIGNING_EPOCHS}; look at it, and call this again`,
    )
  }
}

const hasFirst = async ({ client, namespace }: Cluster): Promise<boolean> =>
  (await client.get<KubeObject>(SECRET, { namespace, name: SIGNING_SECRET })) !== undefined

/** Where the other Secret is lost some day, the first key must not be there to be believed again. */
const forgetFirst = ({ client, namespace }: Cluster) => client.delete(SECRET, { namespace, name: SIGNING_SECRET })

type Listed = AgentJob & PartialObjectMetadata

/** The AgentJobs of all namespaces that admission is still asked about. */
async function listed({ client }: Cluster): Promise<Listed[]> {
  const found: Listed[] = []
  for await (const { items } of client.pages<Listed>(agentJobs, { limit: 250, goOn: true }))
    for (const { apiVersion, kind, metadata, expansion } of items)
      if (!metadata.deletionTimestamp) {
        const { signature, grants, problems } = expansion ?? {}
        found.push({
          apiVersion,
          kind,
          metadata: { namespace: metadata.namespace, name: metadata.name },
          expansion: { signature, grants, problems },
        } as Listed)
      }
  return found
}

async function untilNoneIsOlder(cluster: Cluster, epoch: number, timeoutMs = Number.POSITIVE_INFINITY): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (let before: number | undefined; ; ) {
    const older = (await listed(cluster)).filter((job) => (epochOf(job.expansion) ?? epoch) < epoch)
    if (!older.length) return
    if (older.length !== before)
      tell(`${older.length} ${older.length === 1 ? 'AgentJob is' : 'AgentJobs are'} of an older epoch`)
    before = older.length
    if (Date.now() >= deadline)
      throw new Failure(
        [`the time was over first; these are still of an older epoch:`, namesOf(older, NAMES)],
        EXIT.timeout,
      )
    await delay(Math.min(LOOK_MS, Math.max(0, deadline - Date.now())))
  }
}

function namesOf(jobs: Listed[], most: number): string {
  const names = jobs.slice(0, most).map((job) => `  ${objectKey(job)}`)
  return [...names, ...(jobs.length > names.length ? [`  and ${jobs.length - names.length} more`] : [])].join('\n')
}
