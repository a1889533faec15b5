import { Command } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { API_VERSION } from '../api/kind.ts'
import { WEBHOOK, WEBHOOK_CONFIGURATION } from '../install/webhookconfiguration.ts'
import { delay } from '../kube/delay.ts'
import { ApiError, isNotFound, TransportError } from '../kube/errors.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import { agentJobs } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { teller, withTimeout } from './wait.ts'

/** `agentjob check`: whether this cluster expands AgentJobs. */
export function checkCommand(): Command {
  return withTimeout(withClusterOptions(new Command('check')))
    .description(
      'Asks the API server to create an AgentJob, as a dry run that stores nothing, until admission expands it. Says on the way what is missing. It takes the right to create AgentJobs in the namespace.',
    )
    .addHelpText(
      'after',
      `
Examples:
  agentjob check                 # until it does
  agentjob check --timeout=0     # whether it does now
  agentjob check -n agents --timeout=2m`,
    )
    .action((options: ClusterOptions & { timeout?: number }) =>
      withCluster(options, async (cluster) => {
        await untilExpanded(cluster, { timeoutMs: options.timeout, tell: teller('not yet') })
        process.stdout.write(`AgentJobs are expanded in namespace ${cluster.namespace}\n`)
      }),
    )
}

/**
 * An AgentJob that is never stored; what it names is not looked for. It is suspended, because an AgentQuota of the
 * namespace refuses none of those.
 */
const PROBE: PartialObjectMetadata & { spec: object } = {
  apiVersion: API_VERSION,
  kind: 'AgentJob',
  metadata: { generateName: 'check-' },
  spec: { runtimeRef: 'none', prompt: 'none', suspend: true },
}

/** Asks until admission answers; a Failure with the last reason where it does not in time. */
export async function untilExpanded(
  { client, namespace }: Cluster,
  o: { timeoutMs?: number; tell(words: string): void; pauseMs?: number },
): Promise<void> {
  const until = o.timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + o.timeoutMs
  const probe = { ...PROBE, metadata: { ...PROBE.metadata, namespace } }
  for (;;) {
    const answer = await client
      .create<PartialObjectMetadata>(agentJobs, probe, { dryRun: true, timeoutMs: 15_000 })
      .catch((error: unknown) => error)
    const reason = whyNot(answer)
    if (reason === undefined) return
    if (o.timeoutMs === 0) throw new Failure(reason, answer instanceof TransportError ? EXIT.unreachable : EXIT.failed)
    o.tell(reason)
    if (Date.now() >= until) throw new Failure(`the time was up; ${reason}`, EXIT.timeout)
    await delay(Math.min(o.pauseMs ?? 1000, Math.max(until - Date.now(), 0)))
  }
}

const DENIED = `admission webhook "${WEBHOOK.name}" denied the request: `

/** Why an answer to the dry run, or an error, does not show that admission works; undefined where it does. */
export function whyNot(answer: unknown): string | undefined {
  if (!(answer instanceof Error)) {
    const { expansion, metadata } = answer as AgentJob
    if (expansion?.signature) return undefined
    return `AgentJobs are stored as they come: no webhook is asked in namespace ${metadata.namespace}; look at "kubectl describe mutatingwebhookconfiguration ${WEBHOOK_CONFIGURATION}"`
  }
  if (answer instanceof TransportError) return `the API server cannot be reached: ${answer.message}`
  if (!(answer instanceof ApiError)) throw answer
  // under missingReferences: Deny it refuses what names nothing
  if (answer.message.startsWith(DENIED) && answer.message.includes('spec.runtimeRef: there is no AgentRuntime'))
    return undefined
  if (isNotFound(answer) && !/^namespaces /.test(answer.message)) return 'this cluster does not know AgentJobs yet'
  return answer.message
}
