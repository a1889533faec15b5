import type { Run } from '../../../src/api/agentjobstatus.ts'
import { ownerUid } from '../../../src/controller/types.ts'
import { FILE_ANNOTATIONS } from '../../../src/expand/names.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import { ENDED_ANNOTATION, type Job } from '../../../src/status/observed.ts'
import { renderedRevision } from '../../../src/status/revision.ts'
import { parsePrompt } from '../schedule/prompt.ts'
import { type AgentJobObject, agentJobsOf, isLive, type Observation, ownedBy, strangerAt } from './observation.ts'

/** What a run came to. Not certain is what a pod that was ended said before it was deleted, and who has heard it. */
type Told = Pick<Run, 'phase' | 'exitCode' | 'result'> & { isCertain: boolean }
const ENDED: unknown[] = ['Succeeded', 'Failed', 'TimedOut', 'Stopped']

/** Every status says what the Jobs and pods say; not a line of it is derived here as the operator does it. */
export const checkStatus = (o: Observation): string[] =>
  agentJobsOf(o)
    .filter(isLive)
    .flatMap((job) => differences(o, job).map((what) => `AgentJob ${job.metadata.name}: ${what}`))

function differences(o: Observation, job: AgentJobObject): string[] {
  const { status = {}, metadata, expansion } = job
  const differs = (field: string, is: unknown, should: unknown) =>
    JSON.stringify(is) === JSON.stringify(should)
      ? []
      : [`status.${field} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`]
  const jobs = jobsOf(o, job)
  const runs = status.runs ?? []
  const told = jobs.flatMap((run) => {
    const index = runs.findIndex(({ uid }) => uid === run.metadata.uid)
    const { phase, exitCode, result } = runs[index] ?? ({} as Partial<Run>)
    const should = outcomeOf(o, run)
    const is = should.isCertain ? { phase, exitCode, result } : { phase }
    return differs(`runs, of Job ${run.metadata.name}`, { isCertain: should.isCertain, ...is }, should)
  })
  const phase = phaseOf(o, job, jobs)
  const condition = (type: string) => status.conditions?.find((condition) => condition.type === type)?.status
  const ended = job.spec.schedule === undefined && ENDED.includes(phase)
  return [
    ...differs('observedGeneration', status.observedGeneration, metadata.generation),
    ...differs('configHash', status.configHash, expansion?.configHash),
    ...differs('phase', status.phase, phase),
    ...differs('due.schedule', status.due?.schedule, job.spec.schedule),
    ...differs('due.heldBy', status.due?.heldBy, heldBy(job)),
    // schedules here are due in the first night of a year
    ...differs('skips', status.skips, undefined),
    ...told,
    ...runs
      .filter(({ uid = '' }) => !o.history.jobs.has(uid))
      .map(({ jobName, uid }) => `status.runs has Job ${jobName} (${uid}), which there never was`),
    ...runs
      .filter(({ uid, phase }) => !ENDED.includes(phase) && !jobs.some(({ metadata }) => metadata.uid === uid))
      .map(({ jobName, phase }) => `status.runs has Job ${jobName}, which is gone, as ${phase}`),
    ...(ended ? differs('conditions, Complete', condition('Complete') === 'True', phase === 'Succeeded') : []),
    ...(ended ? differs('conditions, Failed', condition('Failed') === 'True', phase !== 'Succeeded') : []),
  ]
}

/** What keeps a schedule from starting anything. */
function heldBy({ spec, expansion }: AgentJobObject): string | undefined {
  if (spec.schedule === undefined) return undefined
  if (spec.suspend) return 'Suspended'
  return expansion?.problems.length ? 'ReferenceMissing' : undefined
}

/** The Jobs of an AgentJob: its own, also those that are gone, and its CronJob's. */
function jobsOf(o: Observation, job: AgentJobObject): KubeObject[] {
  const gone = [...o.history.jobs.values()].filter(
    ({ object, deleted }) => deleted && ownerUid(object) === job.metadata.uid,
  )
  const owned = ownedBy(o, job)
  const owners = [job, ...owned.filter(({ kind }) => kind === 'CronJob')].map(({ metadata }) => metadata.uid)
  const live = o.objects.filter((object) => object.kind === 'Job' && owners.includes(ownerUid(object)))
  return [...gone.map(({ object }) => object), ...live]
}

/** What a Job came to: how it ended says its status, with which code and words its prompt. */
function outcomeOf({ objects }: Observation, object: KubeObject): Told {
  const job = object as unknown as Job & { spec: { template: { metadata: { annotations: Record<string, string> } } } }
  const is = (type: string) => job.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false
  const config = JSON.parse(job.spec.template.metadata.annotations[`${FILE_ANNOTATIONS}agent.json`] ?? '{}') as {
    prompt: string
  }
  const { exitCode, result } = parsePrompt(config.prompt) ?? {}
  const pods = objects.filter((pod) => pod.kind === 'Pod' && ownerUid(pod) === object.metadata.uid)
  const states = pods.map((pod) => pod.status as { phase?: string; reason?: string } | undefined)
  if (is('Complete')) return { isCertain: true, phase: 'Succeeded', exitCode, result }
  if (is('Failed')) {
    const timedOut = states.some((state) => state?.reason === 'DeadlineExceeded')
    const stopped = job.metadata.annotations?.[ENDED_ANNOTATION] !== undefined
    if (!timedOut && !stopped) return { isCertain: true, phase: 'Failed', exitCode, result }
    const phase = stopped ? 'Stopped' : 'TimedOut'
    if (!pods.length) return { isCertain: false, phase }
    return timedOut ? { isCertain: true, phase, exitCode: 143 } : { isCertain: true, phase, exitCode, result }
  }
  const running = states.some((state) => state?.phase === 'Running')
  return { isCertain: true, phase: running ? 'Running' : 'Pending' }
}

function phaseOf(
  o: Observation,
  job: AgentJobObject,
  jobs: KubeObject[],
): Run['phase'] | 'Scheduled' | 'Suspended' | 'Pending' {
  const { spec, expansion, metadata } = job
  const outcomes = jobs.map((run) => ({ run, phase: outcomeOf(o, run).phase }))
  const problem = (expansion?.problems.length ?? 0) > 0
  if (spec.schedule !== undefined) {
    const active = outcomes.find(({ phase }) => !ENDED.includes(phase))
    if (active) return active.phase
    return problem ? 'Pending' : spec.suspend ? 'Suspended' : 'Scheduled'
  }
  const name = `${metadata.name}-${renderedRevision(job) ?? expansion?.revision}`
  const current = outcomes.find(({ run }) => run.metadata.name === name)
  if (current) return current.phase
  return problem || strangerAt(o, name) || !spec.suspend ? 'Pending' : 'Suspended'
}
