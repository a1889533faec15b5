import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Fields } from '../../src/api/isfields.ts'
import { userOf } from '../../src/install/names.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { NAMESPACE } from './chart.ts'
import { type Installation, startInstallation, type } from './installation.ts'

/*
 * The ValidatingAdmissionPolicies, at a real API server.
 */

setDefaultTimeout(120_000)

let installation: Installation
let client: Client
beforeAll(async () => {
  installation = await startInstallation('agentjob-policies')
  client = installation.client
})
afterAll(() => installation.stop())

const connect = (user: string, groups: string[]) => installation.connect(user, groups)
const install = (values?: Fields) => installation.install(values)

const AGENT_JOBS: ResourceType = {
  group: 'agentjob.io',
  version: 'v1alpha1',
  kind: 'AgentJob',
  plural: 'agentjobs',
  namespaced: true,
}

describe('policies', () => {
  const CONTROLLER = userOf('controller', NAMESPACE)
  const job = (name: string, expansion?: object) => ({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name, namespace: 'default' },
    spec: { runtimeRef: 'none', prompt: 'none' },
    ...(expansion && { expansion }),
  })
  const signed = (requester: string, specHash = 'a') => ({ signature: 'eyJ', requester, specHash })
  const alice = () => connect('alice', ['system:masters'])

  beforeAll(async () => {
    await install({ policies: { expansion: { enabled: true }, status: { enabled: true } } })
    // as if the webhook had not been asked
    await client.delete(type('MutatingWebhookConfiguration'), { name: 'agentjob' })
    // what is not served yet, or has no webhook to answer, is refused as well
    const refused = () =>
      client.create(AGENT_JOBS, job('probe'), { dryRun: true }).then(
        () => false,
        ({ message }: Error) => message.includes(ADMISSION),
      )
    while (!(await refused())) await new Promise((resolve) => setTimeout(resolve, 200))
  })
  afterAll(async () => {
    await client.delete(AGENT_JOBS, { namespace: 'default', name: 'kept' })
    await install()
  })

  const ADMISSION = 'it has no signed expansion: the webhook of AgentJob was not asked; is it registered and up?'
  const SOMEBODY = 'its expansion was made for somebody else; leave out the field expansion, admission writes it'
  const created: { name: string; expansion?: object; want: string | undefined }[] = [
    { name: 'no expansion', want: ADMISSION },
    { name: 'one without a signature', expansion: { requester: 'alice' }, want: ADMISSION },
    { name: 'one with an empty signature', expansion: { ...signed('alice'), signature: '' }, want: ADMISSION },
    { name: 'one that was made for somebody else', expansion: signed('bob'), want: SOMEBODY },
    { name: 'one that names nobody', expansion: { signature: 'eyJ' }, want: SOMEBODY },
    { name: 'one of her own', expansion: signed('alice'), want: undefined },
  ]
  test.each(created)('an AgentJob of alice with $name', async ({ expansion, want }) => {
    const answer = await alice()
      .create<KubeObject>(AGENT_JOBS, job('new', expansion), { dryRun: true })
      .then(
        () => undefined,
        (error: Error) => error.message,
      )
    if (want === undefined) expect(answer).toBeUndefined()
    else expect(answer).toContain(want)
  })

  test('a change by somebody else takes an expansion for him, or of the spec before', async () => {
    await alice().create<KubeObject>(AGENT_JOBS, job('kept', signed('alice', 'one')))
    const bob = connect('bob', ['system:masters'])
    const key = { namespace: 'default', name: 'kept' }
    const change = (who: Client, patch: object) =>
      who.mergePatch(AGENT_JOBS, key, patch, { dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await change(bob, { metadata: { labels: { a: 'b' } } })).toBe('allowed')
    expect(await change(bob, { spec: { prompt: 'other' }, expansion: signed('bob', 'two') })).toBe('allowed')
    expect(await change(bob, { spec: { prompt: 'other' }, expansion: signed('alice', 'two') })).toContain(SOMEBODY)
    expect(await change(bob, { expansion: null })).toContain(ADMISSION)
    // what it touches, another webhook may change
    const controller = connect(CONTROLLER, ['system:masters'])
    expect(await change(controller, { spec: { prompt: 'other' }, expansion: signed('alice', 'two') })).toBe('allowed')
  })

  test('a status is written by the controller alone, whatever others may', async () => {
    const key = { namespace: 'default', name: 'kept' }
    const write = (who: Client) =>
      who.mergePatch(AGENT_JOBS, key, { status: { phase: 'Running' } }, { subresource: 'status', dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await write(connect('admin', ['system:masters']))).toContain(
      'the status of AgentJobs and AgentQuotas is written by the controller alone',
    )
    expect(await write(connect(CONTROLLER, ['system:masters']))).toBe('allowed')
  })

  test('that of an AgentQuota too', async () => {
    const quotas = { ...AGENT_JOBS, kind: 'AgentQuota', plural: 'agentquotas' }
    const key = { namespace: 'default', name: 'team' }
    const quota = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentQuota', metadata: key, spec: {} }
    await client.apply<KubeObject>(quotas, quota, { fieldManager: 'test' })
    const write = (who: Client) =>
      who.mergePatch(quotas, key, { status: { used: { runsToday: 0 } } }, { subresource: 'status', dryRun: true }).then(
        () => 'allowed',
        (error: Error) => error.message,
      )
    expect(await write(connect('admin', ['system:masters']))).toContain('written by the controller alone')
    expect(await write(connect(CONTROLLER, ['system:masters']))).toBe('allowed')
    await client.delete(quotas, key)
  })
})
