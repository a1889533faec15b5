import type { AgentJob } from '../../src/api/agentjob.ts'
import { AGENT_JOB, CRON_JOB, JOB, ownerUid } from '../../src/controller/types.ts'
import { isAlreadyExists } from '../../src/kube/errors.ts'
import type { KubeObject, PartialObjectMetadata } from '../../src/kube/object.ts'
import { renderedJob } from '../../src/status/revision.ts'
import { resourceType } from './objects.ts'
import type { Tenant } from './tenant.ts'

const EDITS: Record<string, object> = {
  CronJob: { spec: { schedule: '0 0 1 1 *', suspend: true } },
  Role: { rules: [] },
}

/** Changes a child of an AgentJob behind the operator's back; nothing where there is none. */
export const editChild = (tenant: Tenant, name: string, kind: string): Promise<void> =>
  toChildren(tenant, name, kind, (type, key) => tenant.client.mergePatch(type, key, EDITS[kind] ?? {}))

/** Deletes it. */
export const deleteChild = (tenant: Tenant, name: string, kind: string): Promise<void> =>
  toChildren(tenant, name, kind, (type, key, uid) =>
    tenant.client.delete(type, key, { uid, propagationPolicy: 'Background' }),
  )

async function toChildren(
  { client, namespace }: Tenant,
  name: string,
  kind: string,
  work: (type: typeof JOB, key: { namespace?: string; name: string }, uid?: string) => Promise<unknown>,
): Promise<void> {
  const type = resourceType(kind)
  const owner = await client.get(AGENT_JOB, { namespace, name })
  const { items } = await client.list<KubeObject>(type, type.namespaced ? { namespace } : {})
  for (const child of items)
    if (owner && ownerUid(child) === owner.metadata.uid)
      await work(type, { namespace: child.metadata.namespace, name: child.metadata.name ?? '' }, child.metadata.uid)
}

/** `kubectl create job --from=cronjob/NAME`; nothing where there is no such CronJob. */
export async function trigger({ client, namespace }: Tenant, name: string): Promise<void> {
  const cronJob = await client.get<KubeObject & { spec: { jobTemplate: KubeObject } }>(CRON_JOB, { namespace, name })
  if (!cronJob || cronJob.metadata.deletionTimestamp) return
  const { metadata, spec } = cronJob.spec.jobTemplate
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: cronJob.metadata.uid ?? '', controller: true }
  await createUnlessThere(client, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace,
      name: `${name}-by-hand`,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [owner],
    },
    spec,
  })
}

/** Puts a Job that has nothing to do with us under the name of an AgentJob's first one. It runs nothing. */
export async function strangersJob(
  { client, namespace, strangers }: Tenant,
  job: PartialObjectMetadata,
): Promise<void> {
  const expanded = await client.create<PartialObjectMetadata>(AGENT_JOB, job, { dryRun: true })
  const name = renderedJob(expanded as unknown as AgentJob)?.metadata.name
  if (!name || strangers.some(({ metadata }) => metadata.name === name)) return
  const containers = [{ name: 'stranger', image: 'none' }]
  await createUnlessThere(client, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace, name },
    spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers } } },
  })
  const stranger = await client.get<KubeObject>(JOB, { namespace, name })
  if (stranger) strangers.push(stranger)
}

async function createUnlessThere(client: Tenant['client'], job: KubeObject): Promise<void> {
  try {
    await client.create<KubeObject>(JOB, job)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
