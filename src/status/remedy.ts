import type { AgentJob } from '../api/agentjob.ts'
import { OUTPUTS_CONTAINER } from '../expand/names.ts'
import { caBundleRemedy } from './cabundle.ts'
import { isFetchImage } from './fetchimage.ts'
import { NEVER_STARTED } from './neverstarted.ts'
import { placeOf } from './placeof.ts'
import { shortened } from './shortened.ts'

/** Why an AgentJob stands where it stands. */
export interface Situation {
  job: AgentJob
  /** As in the status: OOMKilled, ReferenceNotFound … */
  reason: string
  /** In the words of whoever said it. */
  message?: string
  /** Of the run that it is about. */
  jobName?: string
}

type Remedy = (situation: Situation) => string

const rerun = ({ job }: Situation) => `"agentjob rerun ${job.metadata.name}"`
const runtime = ({ job }: Situation) => `AgentRuntime ${job.spec.runtimeRef}`
/** The log of a run: of a schedule there may be a later one. */
const logs = ({ job, jobName }: Situation) =>
  `"agentjob logs ${job.metadata.name}${job.spec.schedule !== undefined && jobName ? ` --job ${jobName}` : ''}"`

const image: Remedy = (s) => {
  if (isFetchImage(s.job, s.message ?? ''))
    return "correct images.git or images.url in the operator's settings: the agent's own image is another one"
  const own = s.job.spec.precheck?.image
  return own !== undefined && s.message?.includes(own)
    ? `correct spec.precheck.image, or imagePullSecrets of ${runtime(s)}, then ${rerun(s)}`
    : `correct the image in ${runtime(s)}, or its imagePullSecrets, then ${rerun(s)}`
}
/** A sidecar that does not start, or does not stay: the one that reads outputs, or one of the user's own. */
const sidecar: Remedy = (s) => {
  const [, name] = /container=(\S+) pod=/.exec(s.message ?? '') ?? []
  if (name === OUTPUTS_CONTAINER || s.message?.includes('exec: "sh": '))
    return `let the image of ${runtime(s)} have sh, sleep and head, or take its outputs away`
  return `its log shows why: "kubectl logs job/${s.jobName} -c ${name ?? 'CONTAINER'}"`
}
const containerLog: Remedy = (s) => `its log shows why: "kubectl logs job/${s.jobName} -c ${containerIn(s)}"`
const taken: Remedy = (s) =>
  `nothing is wrong with the agent: ${rerun(s)} runs it again, spec.backoffLimit would do so by itself`

const KINDS: Record<string, string> = { secret: 'Secret', configmap: 'ConfigMap' }

/** A Secret or a ConfigMap that the kubelet looks for, as it says it. */
function wanting({ job, message = '' }: Situation): string {
  const ofSettings = caBundleRemedy(job, message)
  if (ofSettings) return ofSettings
  const [, kind, name] = /(secret|configmap) "([^"]+)" not found/i.exec(message) ?? []
  if (kind && name)
    return `create ${KINDS[kind.toLowerCase()]} ${name}, and the pod goes on by itself; or correct its name in ${placeOf(job, name)}`
  const [, key, of, path] = /find key (\S+) in (\S+) ([^\s;,]+)/.exec(message) ?? []
  if (path) return `add the key ${key} to ${of} ${path.split('/').at(-1)}, and the pod goes on by itself`
  return 'mend what it names; the pod goes on by itself'
}

/** What the status itself adds to what is wrong. */
const FAULTS: Record<string, Remedy> = {
  ReferenceNotFound: ({ message = '' }) => {
    const wanting = [...message.matchAll(/there is no ([A-Z]\w+) "([^"]+)"/g)].map(
      ([, kind, name]) => `${kind} ${name}`,
    )
    return wanting.length
      ? `create ${wanting.join(' and ')}, or correct the name`
      : 'create what is missing, or correct the name'
  },
  Invalid: () => "undo the change of the object that it refers to or of the operator's settings, or change the spec",
  ForbiddenByQuota: () =>
    "undo the change of the object that it refers to or of the operator's settings, or have the AgentQuota changed",
  TooLarge: () => 'shorten it, or put it into a Git repository and name that',
  NotExpanded: () => 'if that lasts, no webhook is registered: start the operator',
  ExpansionInvalid: () => 'if that lasts, webhook and controller have different keys: restart both',
  NameConflict: ({ job }) => `delete it, or rename the ${job.kind}`,
  Refused: (s) => `correct what it names, in the spec or in ${runtime(s)}`,
  FailedCreate: () => 'mend what it names; the Job tries again by itself',
  QuotaExceeded: ({ message = '' }) => {
    const [, quota] = /exceeded quota: ([^,\s]+)/.exec(message) ?? []
    return `raise ${quota ? `ResourceQuota ${quota}` : 'the ResourceQuota'} or lower resources; it is tried again by itself`
  },
  CreateContainerConfigError: wanting,
  FailedMount: wanting,
  ErrImagePull: image,
  ImagePullBackOff: image,
  InvalidImageName: image,
  ErrImageNeverPull: (s) => `load the image onto the node, or change imagePullPolicy of ${runtime(s)}`,
  RunContainerError: sidecar,
  CrashLoopBackOff: sidecar,
  Unschedulable: () => 'it starts when a node has room; else lower resources.requests, or correct its scheduling',
  OOMKilled: (s) =>
    s.job.spec.resources
      ? 'raise spec.resources.limits.memory'
      : `raise resources.limits.memory of ${runtime(s)} and ${rerun(s)}, or set spec.resources`,
  DeadlineExceeded: (s) =>
    s.message?.startsWith(NEVER_STARTED)
      ? `mend that, then ${rerun(s)}`
      : 'raise spec.timeoutSeconds, or give the agent less to do',
  Error: (s) => `${logs(s)} shows why`,
  AgentError: (s) => `${logs(s)} shows more`,
  StartError: (s) => `correct command of ${runtime(s)}, then ${rerun(s)}`,
  ContainerCannotRun: (s) => `correct command of ${runtime(s)}, then ${rerun(s)}`,
  SkillFailed: (s) => `correct repo, name or ref of the AgentSkill, then ${rerun(s)}`,
  ContextFailed: (s) => `correct its address, ref or Secret, then ${rerun(s)}`,
  PrecheckFailed: (s) =>
    /["'`]sh["'`].* not found/.test(s.message ?? '')
      ? 'let spec.precheck.image name an image that has sh'
      : containerLog(s),
  InitContainerFailed: containerLog,
  Evicted: (s) => `give it resources.requests, or another node, then ${rerun(s)}`,
  EvictionByEvictionAPI: taken,
  PreemptionByScheduler: taken,
  DeletionByTaintManager: taken,
  DeletionByPodGC: taken,
  TerminationByKubelet: taken,
  DisruptionTarget: taken,
  PodDeleted: taken,
  NodeLost: taken,
  NodeShutdown: taken,
  Terminated: taken,
  Preempting: taken,
  JobGone: (s) => `${rerun(s)} runs it again`,
  BackoffLimitExceeded: (s) => `its pod went without a word; ${rerun(s)} runs it again`,
}

/** What is nobody's fault, or says itself what to do: of use to who asks, and to nobody else. */
const ANSWERS: Record<string, Remedy> = {
  Forbidden: () => 'have somebody with that right change the spec; applying the same manifest again changes nothing',
  NamespaceGone: () => 'nothing: it goes with its namespace',
  WaitingForDeletion: () => 'wait; if it stays, a finalizer holds it, and whoever put it there has to remove it',
  WaitingForEnd: () => 'wait: two runs never go on at a time',
  Suspended: () => 'set spec.suspend to false when it should go on',
  Queued: ({ job }) =>
    job.spec.queueName
      ? `wait until there is room in queue ${job.spec.queueName}`
      : 'whoever has suspended the Job has to release it',
  ConcurrencyLimit: (s) => `wait, or raise maxConcurrentRuns of ${runtime(s)}`,
  AgentQuotaReached: () => 'wait, or have the AgentQuota raised',
  Starting: () => 'wait; if it takes long, the events below say what for',
  PrecheckSkipped: (s) => `nothing; ${rerun(s)} asks its precheck again`,
  Stopped: (s) => `${rerun(s)} runs it again`,
  Superseded: () => 'nothing: the newer run counts',
  Replaced: () => 'with concurrencyPolicy Forbid a run ends before the next one starts; or take a longer interval',
}

const containerIn = ({ message = '' }: Situation) => /container (\S+) exited/.exec(message)?.[1] ?? 'CONTAINER'

/** What to do, in a sentence without its full stop; undefined where nothing is to be done, or nobody knows. */
export const remedyOf = (situation: Situation): string | undefined => {
  const { reason } = situation
  const table = [FAULTS, ANSWERS].find((one) => Object.hasOwn(one, reason))
  return table?.[reason]?.(situation)
}

/** A cause with what to do about it: `CAUSE; REMEDY`, in so many characters at most, at the cost of the cause. */
export function withRemedy(situation: Situation, most: number): string | undefined {
  const { reason, message } = situation
  if (message === undefined || !Object.hasOwn(FAULTS, reason)) return message
  const remedy = remedyOf(situation)
  return `${shortened(message.replace(/[.;\s]+$/, ''), most - (remedy?.length ?? 0) - 2)}; ${remedy}`
}

/** The cause alone, out of a status. */
export function withoutRemedy(situation: Situation): string | undefined {
  const end = `; ${remedyOf(situation)}`
  return situation.message?.endsWith(end) ? situation.message.slice(0, -end.length) : situation.message
}
