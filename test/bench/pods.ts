import { POD } from '../../src/controller/types.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'

/*
 * What a kubelet says of a pod. There is none here: a Job comes to its end because its pod's status is written by us, and
 * the controller manager does the rest as ever.
 */

const agent = (state: object, running: boolean) => [
  { name: 'agent', image: 'claude-code', imageID: '', ready: running, started: running, restartCount: 0, state },
]
const startedAt = () => new Date(Date.now() - 1000).toISOString()

const condition = (type: string, status: boolean) => ({ type, status: status ? 'True' : 'False' })

const RUNNING = () => ({
  phase: 'Running',
  startTime: startedAt(),
  conditions: [condition('PodScheduled', true), condition('Ready', true)],
  containerStatuses: agent({ running: { startedAt: startedAt() } }, true),
})

const SUCCEEDED = () => ({
  phase: 'Succeeded',
  conditions: [condition('PodScheduled', true), condition('Ready', false)],
  containerStatuses: agent(
    {
      terminated: {
        exitCode: 0,
        reason: 'Completed',
        message: 'One pull request mended.',
        startedAt: startedAt(),
        finishedAt: new Date().toISOString(),
      },
    },
    false,
  ),
})

const patch = (client: Client, namespace: string, name: string, status: object) =>
  client.mergePatch<KubeObject>(POD, { namespace, name }, { status }, { subresource: 'status' })

/** The agent in a pod begins its work. */
export const runPod = (client: Client, namespace: string, name: string) => patch(client, namespace, name, RUNNING())

/** The agent in a pod ends with exit code 0 and a result. */
export const endPod = (client: Client, namespace: string, name: string) => patch(client, namespace, name, SUCCEEDED())

/** Does something with each item, with so many at a time. */
export async function each<T>(items: T[], atOnce: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
