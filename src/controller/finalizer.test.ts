import { expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import { Store } from '../kube/store.ts'
import type { Context } from './context.ts'
import { FINALIZER, finalize } from './finalizer.ts'

const KINDS = ['CronJob', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding']
const job = {
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { namespace: 'team', name: 'hello', uid: 'u', resourceVersion: '7', finalizers: ['else', FINALIZER] },
}

for (const { name, kinds, want } of [
  { name: 'an AgentJob is let go of when its rights are taken back', kinds: KINDS, want: [['else']] },
  { name: 'where the operator may not look at rights, nobody is let go of', kinds: ['CronJob'], want: [] },
])
  test(name, async () => {
    const store = () => {
      const one = new Store<never>(memoryLog())
      one.index('owner', () => [])
      return one
    }
    const [written, said]: [string[][], string[]] = [[], []]
    await finalize(
      {
        caches: { children: new Map(kinds.map((kind) => [kind, store()])) },
        record: (_: unknown, __: unknown, reason: string) => void said.push(reason),
        client: {
          mergePatch: async (_: unknown, __: unknown, patch: { metadata: { finalizers: string[] } }) =>
            void written.push(patch.metadata.finalizers),
        },
      } as unknown as Context,
      job,
    )
    expect(written).toEqual(want)
    expect(said).toEqual(want.length ? [] : ['RightsKept'])
  })
