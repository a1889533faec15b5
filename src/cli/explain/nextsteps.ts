import { kindOf } from '../../api/kinds.ts'
import { PRECHECK_CONTAINER } from '../../expand/names.ts'
import { isTerminal } from '../../status/run.ts'
import type { Cause } from './cause.ts'
import type { Facts } from './facts.ts'

/** What there is to go on with: of each kind of command, how it begins. */
interface Commands {
  /** `agentjob VERB NAME …` */
  agentjob: (verb: string, more?: string) => string
  kubectl: (words: string) => string
}
type Steps = (c: Commands, facts: Facts, cause: Cause) => string[]

const editRuntime: Steps = (c, { job }, { remedy }) => {
  const { spec, expansion, metadata } = job
  // which runs it again by itself
  if (remedy?.includes('spec.precheck.image')) return [c.kubectl(`edit aj ${metadata.name}`)]
  const found = expansion?.references.find(({ kind, hash }) => kind === 'AgentRuntime' && hash !== '')
  const words = `edit agentruntime ${spec.runtimeRef}`
  const isElsewhere = found && found.namespace !== metadata.namespace
  return [isElsewhere ? `kubectl ${words} -n ${found.namespace}` : c.kubectl(words), c.agentjob('rerun')]
}
const sidecar: Steps = (c, facts, cause) => (cause.remedy?.includes('its outputs') ? editRuntime(c, facts, cause) : [])
/** A change of the spec runs it again by itself. */
const editJob = (c: Commands, { job }: Facts) => c.kubectl(`edit aj ${job.metadata.name}`)
const describeWebhook: Steps = () => ['kubectl get mutatingwebhookconfiguration agentjob']
const log: Steps = (c, { job }, { run }) => [
  c.agentjob('logs', job.spec.schedule !== undefined && run ? ` --job ${run.jobName}` : ''),
]

/** By reason. */
const STEPS: Record<string, Steps> = {
  ReferenceNotFound: (c, _, { cause }) =>
    [...cause.matchAll(/there is no ([A-Z]\w+) "/g)].flatMap(([, kind]) => {
      const plural = kindOf(kind as string)?.plural ?? (kind === 'ConfigMap' ? 'configmaps' : undefined)
      return plural ? [c.kubectl(`get ${plural}`)] : []
    }),
  NotExpanded: describeWebhook,
  ExpansionInvalid: describeWebhook,
  NameConflict: (c, _, { cause }) => {
    const [, kind, name] = /([A-Z]\w+) (\S+) exists/.exec(cause) ?? []
    return kind && name ? [c.kubectl(`get ${kind.toLowerCase()} ${name} -o yaml`)] : []
  },
  QuotaExceeded: (c) => [c.kubectl('describe resourcequota')],
  FailedCreate: (c, { jobName }) => [c.kubectl(`describe job ${jobName}`)],
  Unschedulable: () => ['kubectl describe nodes'],
  Starting: (c, { pod, jobName }) => [c.kubectl(pod ? `describe pod ${pod.metadata.name}` : `describe job ${jobName}`)],
  CreateContainerConfigError: createMissing,
  FailedMount: createMissing,
  ErrImagePull: editRuntime,
  ImagePullBackOff: editRuntime,
  InvalidImageName: editRuntime,
  ErrImageNeverPull: editRuntime,
  StartError: editRuntime,
  ContainerCannotRun: editRuntime,
  RunContainerError: sidecar,
  CrashLoopBackOff: sidecar,
  OOMKilled: (c, facts, cause) => (facts.job.spec.resources ? [editJob(c, facts)] : editRuntime(c, facts, cause)),
  DeadlineExceeded: (c, facts, cause) => [...log(c, facts, cause), editJob(c, facts)],
  ContextFailed: containerLog,
  InitContainerFailed: containerLog,
  PrecheckFailed: containerLog,
  PrecheckSkipped: (c, _, { run }) => [
    ...(run ? [c.kubectl(`logs job/${run.jobName} -c ${PRECHECK_CONTAINER}`)] : []),
    c.agentjob('rerun'),
  ],
  Suspended: (c, { job }) => [c.kubectl(`patch aj ${job.metadata.name} --type=merge -p '{"spec":{"suspend":false}}'`)],
  Queued: (c, { job, jobName }) => [
    c.kubectl(job.spec.queueName ? `describe localqueue ${job.spec.queueName}` : `describe job ${jobName}`),
  ],
  AgentQuotaReached: (c) => [c.kubectl('get agentquotas')],
  ForbiddenByQuota: (c) => [c.kubectl('describe agentquotas')],
  Running: (c) => [c.agentjob('logs', ' -f'), c.agentjob('stop')],
  Succeeded: (c) => [c.agentjob('logs')],
  Scheduled: (c) => [c.agentjob('rerun')],
}

function createMissing(c: Commands, _: Facts, { cause, remedy }: Cause): string[] {
  // not for a tenant to make up whom agents trust
  if (remedy?.includes('pods.caBundle')) return []
  const [, kind, name] = /(secret|configmap) "([a-z0-9]([-a-z0-9.]*[a-z0-9])?)" not found/i.exec(cause) ?? []
  if (!kind || !name) return []
  const isSecret = kind.toLowerCase() === 'secret'
  return [c.kubectl(`create ${isSecret ? 'secret generic' : 'configmap'} ${name} --from-literal=KEY=VALUE`)]
}

function containerLog(c: Commands, _: Facts, { cause, run }: Cause): string[] {
  const [, container] = /container ([-a-z0-9]+) exited/.exec(cause) ?? []
  return [...(run && container ? [c.kubectl(`logs job/${run.jobName} -c ${container}`)] : []), c.agentjob('rerun')]
}

/** Commands to go on with, the most useful first; the last one shows everything there is. */
export function nextSteps(facts: Facts, cause: Cause): string[] {
  const { job, flags, pod } = facts
  const { name } = job.metadata
  const c: Commands = {
    agentjob: (verb, more = '') => `agentjob ${verb} ${name}${more}${flags}`,
    kubectl: (words) => `kubectl ${words}${flags}`,
  }
  const { reason = '', run } = cause
  const steps = Object.hasOwn(STEPS, reason) ? (STEPS[reason]?.(c, facts, cause) ?? []) : []
  const ended = isTerminal(run?.phase) && run?.phase !== 'Succeeded'
  const again = steps.includes(editJob(c, facts)) ? [] : [c.agentjob('rerun')]
  const usual = ended ? [...((pod || run?.logTail) && !steps.length ? log(c, facts, cause) : []), ...again] : []
  return [...new Set([...steps, ...usual, c.kubectl(`describe aj ${name}`)])]
}
