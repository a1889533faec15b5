import { setTimeout as sleep } from 'node:timers/promises'
import { RERUN_ANNOTATION, STOP_ANNOTATION } from '../../src/api/agentjob.ts'
import { AGENT_JOB, JOB } from '../../src/controller/types.ts'
import { ApiError, isAlreadyExists, isNotFound } from '../../src/kube/errors.ts'
import { isTerminal } from '../../src/status/run.ts'
import type { AgentJobObject } from './invariants/observation.ts'
import { deleteChild, editChild, strangersJob, trigger } from './meddling.ts'
import { resourceType } from './objects.ts'
import { type Life, type Operation, RUNTIME, type Step } from './schedule/lives.ts'
import type { Tenant } from './tenant.ts'

/** How long somebody tries before he gives up: longer than anything is away. */
const PATIENCE_MS = 120_000
const PAUSE_MS = 50

/** Does what users do to an AgentJob, each thing at its time; each until the API server has taken it. */
export async function liveOut(life: Life, tenant: Tenant): Promise<void> {
  for (const step of life.steps) await inTime(step, tenant, () => act(step, life, tenant))
}

/** The same for steps that are of no AgentJob. */
export async function change(steps: Step[], tenant: Tenant): Promise<void> {
  const nobody: Life = { name: RUNTIME, spec: {}, steps }
  await Promise.all(steps.map((step) => inTime(step, tenant, () => act(step, nobody, tenant))))
}

async function inTime(step: Step, tenant: Tenant, work: () => Promise<unknown>): Promise<void> {
  const { startedAt, note, complaints } = tenant
  await sleep(Math.max(0, startedAt + step.atMs - performance.now()))
  for (let tries = 1; ; tries++) {
    try {
      await work()
      return note(`${step.kind}${tries > 1 ? `, at the ${tries}. try` : ''}`)
    } catch (error) {
      // what it was to be done to is gone
      if (isNotFound(error)) return note(`${step.kind}: not found`)
      const invalid = error instanceof ApiError && error.status === 422
      if (invalid || performance.now() > startedAt + PATIENCE_MS)
        return void complaints.push(`${JSON.stringify(step)} could not be done: ${(error as Error).message}`)
      await sleep(PAUSE_MS)
    }
  }
}

function act(step: Operation, life: Life, tenant: Tenant): Promise<unknown> {
  const patch = (body: object) => tenant.client.mergePatch(AGENT_JOB, keyOf(life, tenant), body)
  const annotate = (annotations: object) => patch({ metadata: { annotations } })
  switch (step.kind) {
    case 'create':
      return create(life, tenant, step.stranger ?? false)
    case 'change':
      return patch({ spec: { prompt: step.prompt } })
    case 'suspend':
      return patch({ spec: { suspend: step.suspend } })
    case 'label':
      return patch({ metadata: { labels: { label: `${performance.now()}` } } })
    case 'rerun':
      return annotate({ [RERUN_ANNOTATION]: new Date().toISOString() })
    case 'stop':
      return stop(life, tenant)
    case 'apply':
      return tenant.client.apply(AGENT_JOB, manifest(life, tenant), { fieldManager: 'user', force: true })
    case 'delete':
      return tenant.client.delete(AGENT_JOB, keyOf(life, tenant))
    case 'clean-up':
      return cleanUp(life, tenant)
    case 'recreate':
      return recreate(life, tenant)
    case 'delete-child':
      return deleteChild(tenant, life.name, step.child)
    case 'edit-child':
      return editChild(tenant, life.name, step.child)
    case 'trigger':
      return trigger(tenant, life.name)
    case 'reference':
      return refer(step, tenant)
  }
}

const keyOf = ({ name }: Life, { namespace }: Tenant) => ({ namespace, name })

const manifest = ({ name, spec }: Life, { namespace }: Tenant) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: name ? { namespace, name } : { namespace, generateName: 'generated-' },
  spec,
})

async function create(life: Life, tenant: Tenant, stranger: boolean): Promise<void> {
  const object = manifest(life, tenant)
  try {
    // asks by a dry run what the Job's name will be, which nobody is told once the AgentJob is there
    if (stranger) await strangersJob(tenant, object)
    await tenant.client.create(AGENT_JOB, object)
  } catch (error) {
    // it was created, and the answer did not come
    if (!isAlreadyExists(error)) throw error
  }
}

async function recreate(life: Life, tenant: Tenant): Promise<void> {
  const { client } = tenant
  const there = () => client.get(AGENT_JOB, keyOf(life, tenant))
  const old = await there()
  if (old) await client.delete(AGENT_JOB, keyOf(life, tenant), { uid: old.metadata.uid })
  const deadline = performance.now() + PATIENCE_MS
  while (old && (await there())?.metadata.uid === old.metadata.uid) {
    if (performance.now() > deadline) throw new Error(`${life.name} is still being deleted`)
    await sleep(PAUSE_MS)
  }
  await create(life, tenant, false)
}

/** Deletes the Job of the last run; throws while that has not ended. */
async function cleanUp(life: Life, { client, namespace }: Tenant): Promise<void> {
  const job = await client.get<AgentJobObject>(AGENT_JOB, { namespace, name: life.name })
  const run = job?.status?.runs?.[0]
  if (job && !(run && isTerminal(run.phase))) throw new Error(`the run of ${life.name} has not ended`)
  if (run) await client.delete(JOB, { namespace, name: run.jobName }, { uid: run.uid, propagationPolicy: 'Background' })
}

/** Ends what is running, as `agentjob stop` does. */
async function stop(life: Life, { client, ...tenant }: Tenant): Promise<void> {
  const key = { namespace: tenant.namespace, name: life.name }
  const job = await client.get<AgentJobObject>(AGENT_JOB, key)
  const running = (job?.status?.runs ?? []).filter(({ phase }) => !isTerminal(phase)).map(({ jobName }) => jobName)
  if (running.length)
    await client.mergePatch(AGENT_JOB, key, { metadata: { annotations: { [STOP_ANNOTATION]: running.join(',') } } })
}

function refer({ reference, name, content }: Operation & { kind: 'reference' }, { client, namespace }: Tenant) {
  const spec = reference === 'AgentRuntime' ? { image: content } : { allowedTools: [content] }
  const object = { apiVersion: 'agentjob.io/v1alpha1', kind: reference, metadata: { namespace, name }, spec }
  return client.apply(resourceType(reference), object, { fieldManager: 'user', force: true })
}
