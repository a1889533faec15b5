import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterHandle } from '../cluster/cluster.ts'
import { type Operator, type StartOptions, startOperator } from '../operator/operator.ts'
import type { Balancer } from './balancer.ts'
import type { FaultProxy } from './proxy/proxy.ts'
import type { ProcessFault } from './schedule/faults.ts'

/** A replica of the operator that is started again whenever it ends, as a kubelet does with a container. */
export interface Replica {
  name: string
  proxy: FaultProxy
  /** Of its process; undefined while it is being started. */
  operator(): Operator | undefined
  /** Does something to its process; nothing while it is not up. Resolves when it is up again, or throws what did not go well. */
  suffer(fault: ProcessFault): Promise<void>
  /** Resolves when it is up and was asked to do nothing else. */
  isUp(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

export interface ReplicaOptions {
  cluster: ClusterHandle
  name: string
  proxy: FaultProxy
  balancer: Balancer
  options: Omit<StartOptions, 'name'>
}

/** As long as a pod has, unless its Deployment says otherwise. */
const TERMINATION_GRACE_MS = 30_000

/** Starts a replica and resolves when it is ready. */
export async function startReplica({ cluster, name, proxy, balancer, options }: ReplicaOptions): Promise<Replica> {
  let operator: Operator | undefined
  let starts = 0
  let stopped = false
  let hung = false
  let up: Promise<void> = start()

  async function start(): Promise<void> {
    while (!stopped && !operator) {
      try {
        // each with a log of its own
        operator = await startOperator(cluster, { name: `${name}-${starts++}`, ...options })
      } catch (error) {
        // what it needs to start has met a fault: the kubelet would try again, too
        if (!(error instanceof Error) || starts > 100) throw error
      }
    }
    if (operator && !stopped) balancer.set(name, operator.url)
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ending = operator
    operator = undefined
    balancer.set(name, undefined)
    if (signal === 'SIGKILL') ending?.signal('SIGKILL')
    const impatient = setTimeout(() => {
      hung = true
      ending?.signal('SIGKILL')
    }, TERMINATION_GRACE_MS)
    await ending?.stop()
    clearTimeout(impatient)
  }

  async function undergo(fault: ProcessFault, frozen: Operator): Promise<void> {
    if (fault.kind === 'freeze') {
      frozen.signal('SIGSTOP')
      await sleep(fault.ms)
      frozen.signal('SIGCONT')
      return
    }
    await end(fault.kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
    await start()
  }

  await up
  return {
    name,
    proxy,
    operator: () => operator,
    async suffer(fault) {
      if (!operator || stopped) return
      const [before, now] = [up, operator]
      up = before.then(() => (operator === now ? undergo(fault, now) : undefined))
      await up
      if (hung) throw new Error(`replica ${name} did not end within ${TERMINATION_GRACE_MS} ms of SIGTERM`)
    },
    isUp: () => up,
    async stop() {
      await up
      stopped = true
      await end('SIGTERM')
    },
  }
}
