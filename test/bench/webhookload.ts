import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SECRETS } from '../../certs/secret.ts'
import { CERTIFICATE_SECRET } from '../../src/install/rights.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { run } from '../cluster/exec.ts'
import { NAMESPACE } from '../operator/install.ts'
import { buildProgram } from './load.ts'
import type { World } from './world.ts'

/** What the load generator of the webhook's own tests says; times in microseconds. */
export interface WebhookReport {
  perSecond: number
  p50us: number
  p99us: number
  errors: Record<string, number>
  /** How many different ones were served. */
  certificates: number
}

export const CERTIFICATE = { namespace: NAMESPACE, name: CERTIFICATE_SECRET }

/** A field of the Secret with the operator's serving certificate. */
export async function certificateData({ client }: World, field: string): Promise<string> {
  const secret = await client.get<KubeObject & { data: Record<string, string> }>(SECRETS, CERTIFICATE)
  return Buffer.from(secret?.data[field] ?? '', 'base64').toString()
}

/** Gives a function that posts an AdmissionReview to the running webhook, past the API server. */
export async function buildWebhookLoader(world: World, review: object) {
  const source = join(import.meta.dirname, '..', '..', 'webhook', 'testdata', 'load')
  const program = await buildProgram(world.cluster, source, 'webhookload', 'main.go')
  const [ca, body] = ['ca.crt', 'review.json'].map((name) => join(world.cluster.dir, 'bench', name)) as [string, string]
  await mkdir(join(world.cluster.dir, 'bench'), { recursive: true })
  await writeFile(ca, await certificateData(world, 'ca.crt'))
  await writeFile(body, JSON.stringify(review))
  return async (...flags: string[]): Promise<WebhookReport> => {
    const url = world.operator.url as string
    return JSON.parse(await run(program, ['-url', url, '-ca', ca, '-body', body, ...flags], { timeout: 120_000 }))
  }
}

/** What the API server asks when somebody creates this AgentJob. */
export const reviewOf = (object: KubeObject): object => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '0d4c7a8e-1b2c-4d3e-8f90-a1b2c3d4e5f6',
    kind: { group: 'agentjob.io', version: 'v1alpha1', kind: object.kind },
    resource: { group: 'agentjob.io', version: 'v1alpha1', resource: 'agentjobs' },
    name: object.metadata.name,
    namespace: object.metadata.namespace,
    operation: 'CREATE',
    userInfo: { username: 'alice', groups: ['agents', 'system:authenticated'] },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
  },
})
