import type { AgentQuotaSpec } from '../api/agentquota.ts'
import { shortestInterval } from '../api/crondensity.ts'
import type { ChildResource, Expansion, Problem, Reference } from '../api/expansion.ts'
import { matchesGlob } from '../api/glob.ts'
import { countsRuns } from './held.ts'
import type { ExpandInput } from './input.ts'
import { RUNTIME_ANNOTATION } from './names.ts'
import type { RenderedPod } from './pod.ts'
import { lookupNamespaces, type Resolved } from './references.ts'

/** An AgentQuota of an AgentJob's namespace. */
export interface Quota {
  name: string
  /** With its defaults; undefined where it is not valid: nobody knows what it allows. */
  spec: AgentQuotaSpec | undefined
  /** Hash of the spec; empty where that is not valid. */
  hash: string
}

/** What an AgentQuota does not allow. */
export interface QuotaProblem extends Problem {
  reason: 'ForbiddenByQuota'
  /** Name of the AgentQuota. */
  quota: string
}

/**
 * What the AgentQuotas of its namespace do not allow of an AgentJob. A change of its spec is held to all of them. Without
 * one, what was accepted before goes on: only what has come of it since, another image of an AgentRuntime for example, is
 * looked at.
 */
export function quotaProblems(
  input: ExpandInput,
  resolved: Resolved,
  pod: RenderedPod,
  specHash: string,
): QuotaProblem[] {
  const accepted = acceptedBefore(input, specHash)
  return input.quotas.flatMap((quota) =>
    (quota.spec ? forbiddenBy(quota.spec, input, resolved, pod) : [unknown])
      .filter(({ path, value }) => !accepted(path, value))
      .map(({ path, says }) => ({
        reason: 'ForbiddenByQuota' as const,
        path,
        message: says(`AgentQuota "${quota.name}"`),
        quota: quota.name,
      })),
  )
}

/** The look-ups by which an AgentJob that an AgentQuota keeps from running is found when that changes. */
export const quotaReferences = ({ job, quotas }: ExpandInput, problems: readonly QuotaProblem[]): Reference[] =>
  quotas
    .filter(({ name }) => problems.some(({ quota }) => quota === name))
    .map(({ name, hash }) => ({ kind: 'AgentQuota', namespace: job.metadata.namespace, name, hash }))

/** Something that is not allowed: the field, the value that is not, where it does not stand in the spec, and the sentence. */
interface Forbidden {
  path: string
  value?: string
  says(quota: string): string
}

const unknown: Forbidden = {
  path: 'metadata.namespace',
  says: (quota) => `${quota} of this namespace is not valid, so nobody knows what it allows; have it mended or deleted`,
}

function forbiddenBy(quota: AgentQuotaSpec, input: ExpandInput, resolved: Resolved, pod: RenderedPod): Forbidden[] {
  const { spec } = input.job
  return [
    ...tooDense(quota, spec.schedule),
    ...tooLong(quota, spec.timeoutSeconds),
    ...otherRuntime(quota, input, resolved),
    ...otherModel(quota, spec.model),
    ...twoLines(quota, spec.queueName),
    ...(resolved.runtime ? otherImages(quota, input, resolved.runtime.spec.image, pod) : []),
  ]
}

function tooDense({ minScheduleIntervalSeconds: least }: AgentQuotaSpec, schedule: string | undefined): Forbidden[] {
  const interval = schedule === undefined ? undefined : shortestInterval(schedule)
  if (least === undefined || interval === undefined || interval >= least) return []
  const says = (quota: string) =>
    `has runs ${duration(interval)} apart; ${quota} asks for at least ${duration(least)} between any two`
  return [{ path: 'spec.schedule', says }]
}

function tooLong({ maxTimeoutSeconds: most }: AgentQuotaSpec, timeout: number): Forbidden[] {
  if (most === undefined || timeout <= most) return []
  const says = (quota: string) => `is ${timeout}; ${quota} allows at most ${most}, set it to that or less`
  return [{ path: 'spec.timeoutSeconds', says }]
}

function otherRuntime({ allowedRuntimes }: AgentQuotaSpec, { job, settings }: ExpandInput, { runtime }: Resolved) {
  const { runtimeRef: name } = job.spec
  if (!allowedRuntimes) return []
  const namespaces = runtime ? [runtime.namespace] : lookupNamespaces(job.metadata.namespace, settings)
  const isAllowed = (at: string) =>
    allowedRuntimes.some((pattern) => matchesGlob(pattern, name) || matchesGlob(pattern, `${at}/${name}`))
  // of one that is not there yet it will be seen where it comes
  if (namespaces.some(isAllowed)) return []
  const where = runtime ? ` of namespace ${runtime.namespace}` : ''
  const says = (quota: string) => `names AgentRuntime "${name}"${where}; ${quota} allows ${listed(allowedRuntimes)}`
  return [{ path: 'spec.runtimeRef', value: runtime && `runtime ${runtime.namespace}/${name}`, says }]
}

function otherModel({ allowedModels }: AgentQuotaSpec, model: string | undefined): Forbidden[] {
  if (!allowedModels || (model !== undefined && allowedModels.some((pattern) => matchesGlob(pattern, model)))) return []
  const is = model === undefined ? 'is required, or the program takes a model of its own' : `is "${model}"`
  return [{ path: 'spec.model', says: (quota) => `${is}; ${quota} allows ${listed(allowedModels)}` }]
}

function twoLines(quota: AgentQuotaSpec, queueName: string | undefined): Forbidden[] {
  if (queueName === undefined || !countsRuns(quota)) return []
  const says = (name: string) => `${name} counts runs, and a run can wait in one line only; remove queueName`
  return [{ path: 'spec.queueName', says }]
}

function otherImages({ allowedImages }: AgentQuotaSpec, input: ExpandInput, image: string, pod: RenderedPod) {
  if (!allowedImages) return []
  const { precheck, runtimeRef } = input.job.spec
  const { images } = input.settings
  const placeOf = (one: string): [path: string, whose: string] => {
    if (one === image) return ['spec.runtimeRef', `AgentRuntime "${runtimeRef}" has`]
    if (one === precheck?.image) return ['spec.precheck.image', 'is']
    if (one === images.git || one === images.url) return ['spec', "what it refers to is fetched with the operator's"]
    return ['spec.podTemplate', 'has']
  }
  return imagesOf(pod.template)
    .filter((one) => !allowedImages.some((pattern) => matchesGlob(pattern, one)))
    .map((one): Forbidden => {
      const [path, whose] = placeOf(one)
      return {
        path,
        value: `image ${one}`,
        says: (quota) =>
          `${whose} image "${one}"; ${quota} allows ${listed(allowedImages)}${starOf(allowedImages, one)}`,
      }
    })
}

/** What `*` is not, to whoever took it for everything. */
const starOf = (patterns: readonly string[], text: string) =>
  patterns.includes('*') && text.includes('/') ? '; * stands for nothing with a "/" in it, ** does' : ''

/** A pod template, as far as images go. */
interface Imaged {
  spec?: {
    containers?: { image?: unknown }[]
    initContainers?: { image?: unknown }[]
    volumes?: { image?: { reference?: unknown } }[]
  }
}

/** Every image that a pod of this template has on it, each once. */
function imagesOf(template: object): string[] {
  const { containers = [], initContainers = [], volumes = [] } = (template as Imaged).spec ?? {}
  const images = [
    ...[...initContainers, ...containers].map(({ image }) => image),
    ...volumes.map(({ image }) => image?.reference),
  ]
  return [...new Set(images.filter((image) => typeof image === 'string'))]
}

/**
 * Whether something was accepted when the spec was last changed, or has been rendered of it since. What a spec leads to
 * has to stand in the expansion before; what stands in the spec itself must not have been refused by then.
 */
function acceptedBefore({ previous, specChanged }: ExpandInput, specHash: string) {
  const vouched = specChanged || previous?.specHash !== specHash ? undefined : previous
  const rendered = vouched && renderedIn(vouched)
  const refused = vouched?.problems.filter(({ reason }) => reason === 'ForbiddenByQuota').map(({ path }) => path)
  return (path: string, value: string | undefined): boolean =>
    value === undefined ? refused?.includes(path) === false : rendered?.has(value) === true
}

type JobLike = { metadata?: { annotations?: Record<string, string> }; spec?: { template?: object } }

/** AgentRuntimes and images that stand in an expansion, as `runtime NAMESPACE/NAME` and `image IMAGE`. */
function renderedIn({ resources }: Expansion): Set<string> {
  const jobOf = (child: ChildResource): JobLike | undefined =>
    child.kind === 'Job'
      ? (child as JobLike)
      : child.kind === 'CronJob'
        ? (child.spec as { jobTemplate?: JobLike } | undefined)?.jobTemplate
        : undefined
  const jobs = resources.map(jobOf).filter((job) => job !== undefined)
  return new Set(
    jobs.flatMap(({ metadata, spec }) => [
      `runtime ${metadata?.annotations?.[RUNTIME_ANNOTATION]}`,
      ...imagesOf(spec?.template ?? {}).map((image) => `image ${image}`),
    ]),
  )
}

const listed = (patterns: readonly string[]) => {
  const shown = patterns.slice(0, MAX_LISTED).join(', ')
  return patterns.length > MAX_LISTED ? `${shown} and ${patterns.length - MAX_LISTED} more` : shown
}
const MAX_LISTED = 8

/** `1h30m`, as schedules have it. */
function duration(seconds: number): string {
  const parts = { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60), s: seconds % 60 }
  const shown = Object.entries(parts).map(([unit, amount]) => (amount ? `${amount}${unit}` : ''))
  return shown.join('') || '0s'
}
