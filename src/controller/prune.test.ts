import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { EgressSettings } from '../expand/egress/settings.ts'
import type { KubeObject } from '../kube/object.ts'
import { Store } from '../kube/store.ts'
import type { CachedAgentJob, CachedJob } from './caches.ts'
import type { Context } from './context.ts'
import { prune } from './prune.ts'

/** What is deleted of an AgentJob that has a policy, and that something may be in the way of. */
async function deleted(o: { egress: object; problems: object[]; live?: boolean }): Promise<string[]> {
  const policies = new Store<KubeObject>(memoryLog())
  policies.index('owner', () => ['agents/u'])
  policies.upsert({ kind: 'NetworkPolicy', metadata: { namespace: 'agents', name: 'hello-egress' } } as KubeObject)
  const names: string[] = []
  const ctx = {
    caches: { children: new Map([['NetworkPolicy', policies]]) },
    client: { delete: async (_: unknown, { name }: { name: string }) => names.push(name) },
    egress: EgressSettings.parse(o.egress),
  } as unknown as Context
  const expansion = { resources: [], problems: o.problems }
  const run = { metadata: { name: 'hello-1' }, uses: [] } as unknown as CachedJob
  const job = { metadata: { namespace: 'agents', name: 'hello', uid: 'u' }, expansion } as unknown as CachedAgentJob
  await prune(ctx, job, o.live ? [run] : [])
  return names
}

const problems = [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: '' }]

for (const { name, want, ...given } of [
  { name: 'switched off', egress: { cleanUp: true }, problems: [], want: ['hello-egress'] },
  { name: 'switched off, with a problem', egress: { cleanUp: true }, problems, want: ['hello-egress'] },
  { name: 'switched off, under a live run', egress: { cleanUp: true }, problems, live: true, want: [] },
  { name: 'switched on, with a problem', egress: { enabled: true }, problems, want: [] },
])
  test(`a policy that the expansion does not name, ${name}, ${want.length ? 'goes' : 'stays'}`, async () =>
    expect(await deleted(given)).toEqual(want))
