import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { createClient } from '../../src/kube/client.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { type ClusterHandle, loadImage, up } from '../cluster/cluster.ts'
import { echoImage } from '../cluster/echo.ts'
import { running, signal } from '../cluster/processes.ts'
import { type Progress, step } from '../cluster/progress.ts'
import { install, operatorKubeconfig, register } from '../operator/install.ts'
import { startOperator } from '../operator/operator.ts'

/*
 * The demo: from nothing to an agent that has run. A cluster of its own, CRDs, the operator as a process of this host,
 * the two first examples. Everything stays up afterwards, for you to go on with.
 */

const ROOT = join(import.meta.dirname, '..', '..')
const colours = process.stdout.isTTY && !process.env.NO_COLOR
const bold = (text: string) => (colours ? `\x1b[1m${text}\x1b[0m` : text)
const grey = (text: string) => (colours ? `\x1b[2m${text}\x1b[0m` : text)
const progress: Progress = (line) => console.log(grey(`  ${line}`))

async function main(): Promise<void> {
  new Command('npm run demo')
    .description(
      'from nothing to an agent that has run: a cluster of its own, the operator, the first examples; it stays up',
    )
    .allowExcessArguments(false)
    .parse()
  const cluster = await up({ progress })
  if (cluster.pods) {
    const image = await echoImage(progress)
    await step(progress, 'echo image loaded', () => loadImage(cluster, image.tar))
  }
  await step(progress, 'operator ready', () => operator(cluster))
  if (!cluster.pods) return console.log(`Pods cannot run here: ${cluster.podsMissing}. ${goOn(cluster)}`)
  const { kubectl, agentjob } = tools(cluster)
  await kubectl('delete', 'agentjob', 'hello', 'nightly', '--ignore-not-found', '--wait=true')
  await kubectl('apply', '-f', 'examples/hello.yaml', '-f', 'examples/nightly.yaml')
  await agentjob('logs', 'hello', '-f')
  await agentjob('wait', 'hello', '--timeout=120s')
  await kubectl('get', 'aj')
  console.log(goOn(cluster))
}

/** Installs what the operator needs and (re)starts it, so that it runs the code of this checkout. */
async function operator(cluster: ClusterHandle): Promise<void> {
  const old = (await running(cluster.dir)).get('agentjob')
  if (old !== undefined) signal(old, 'SIGTERM')
  const client = createClient(createTransport(loadConnection({ kubeconfig: cluster.kubeconfig })))
  await install(client)
  const kubeconfig = await operatorKubeconfig(client, cluster.kubeconfig, join(cluster.dir, 'operator.kubeconfig'))
  const { url, pid } = await startOperator(cluster, { name: 'operator', kubeconfig, detached: true })
  await register(client, url as string)
  await writeFile(join(cluster.dir, 'operator.pid'), `${pid}\n`)
  client.transport.close()
}

function tools(cluster: ClusterHandle) {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig }
  const tool =
    (shown: string, file: string) =>
    async (...args: string[]) => {
      console.log(`\n${bold(`$ ${shown} ${args.join(' ')}`)}`)
      const code = await new Promise<number | null>((resolve, reject) => {
        const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
        child.on('error', reject)
        child.on('exit', resolve)
      })
      if (code !== 0) throw new Error(`${shown} ${args[0]} ended with ${code}`)
    }
  return { kubectl: tool('kubectl', cluster.bin.kubectl), agentjob: tool('agentjob', join(ROOT, 'bin', 'agentjob')) }
}

const goOn = (cluster: ClusterHandle) => `
The cluster and the operator stay up. To go on with them:

  export KUBECONFIG=${cluster.kubeconfig}
  export PATH=${join(ROOT, 'bin')}:${join(cluster.bin.kubectl, '..')}:$PATH
  agentjob rerun nightly && agentjob logs nightly -f

and to remove it all: npm run demo:down`

await main().catch(async (error: unknown) => {
  console.error(`\nThe demo did not get to its end: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
})
