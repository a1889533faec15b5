import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { inPod } from '../operator/inpod.ts'
import { NAMESPACE } from '../operator/install.ts'
import type { SizedBenchmark } from './benchmark.ts'
import type { World } from './world.ts'

const PATIENCE_SECONDS = 120

/** How long `agentjob serve` takes from exec until it answers, and until it leads with all its caches filled. */
export const coldstart: SizedBenchmark = {
  name: 'coldstart',
  about: 'from exec to ready (/readyz), and to leading with full caches',
  async startAt(_size, world) {
    return async () => {
      await world.operator.stop()
      await world.settled()
      const took = await startOnce(world)
      await world.restart()
      return [
        { name: 'exec → ready', unit: 's', value: took.ready },
        { name: 'exec → leading', unit: 's', value: took.leading },
      ]
    }
  },
}

async function startOnce({ operatorKubeconfig, command, cluster }: World): Promise<{ ready: number; leading: number }> {
  const port = await freePort()
  const pod = await inPod(command, operatorKubeconfig)
  const [program, ...args] = pod?.command ?? command
  args.push('serve', ...(pod ? [] : ['--kubeconfig', operatorKubeconfig]), '--namespace', NAMESPACE)
  args.push('--grace', '0', '--port', '0', '--health-port', String(port), '--host', cluster.hostAddress)
  const started = performance.now()
  const env = { ...process.env, ...(pod ? { KUBECONFIG: '', ...pod.env } : {}) }
  const child = spawn(program as string, args, { stdio: ['ignore', 'pipe', 'ignore'], env })
  const seconds = () => (performance.now() - started) / 1000
  let leading: number | undefined
  let log = ''
  // its metrics say so, too, but to tell them takes it a tenth of a second with so many objects
  child.stdout.on('data', (data) => {
    log += data
    if (log.includes('became the leader')) leading ??= seconds()
  })
  const until = async <T>(look: () => T | Promise<T>): Promise<NonNullable<T>> => {
    for (;;) {
      const found = await look()
      if (found) return found
      if (child.exitCode !== null || seconds() > PATIENCE_SECONDS)
        throw new Error(`agentjob serve did not come up:\n${log.slice(-2000)}`)
      await sleep(5)
    }
  }
  const isReady = async () =>
    (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok ? seconds() : undefined
  const took = { ready: await until(isReady), leading: await until(() => leading) }
  child.kill('SIGTERM')
  await once(child, 'exit')
  return took
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
