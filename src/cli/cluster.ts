import { existsSync, statSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { ClusterStatus } from '../../test/cluster/cluster.ts'
import { EXIT, Failure } from './exit.ts'

const nameOption = () =>
  new Option('--name <name>', 'name of the cluster; several can run side by side').default('agentjob')

/**
 * `agentjob cluster up|down|status|load`: a real cluster on this host, for trying things out and for tests.
 * Works in a checkout only, since it builds the cluster from the sources' Go modules.
 */
export function clusterCommand(): Command {
  const cluster = new Command('cluster').description(
    'a real Kubernetes cluster on this host, for development from a checkout: built from Go modules on first use',
  )
  cluster
    .command('up')
    .description('start the cluster, or what is missing of it, and load the echo agent')
    .addOption(nameOption())
    .option('--no-pods', 'a control plane alone, without a node')
    .action(up)
  cluster.command('down').description('end the cluster and remove its data').addOption(nameOption()).action(down)
  cluster
    .command('status')
    .description('show what runs; exit code 1 unless all of it does')
    .addOption(nameOption())
    .addOption(new Option('-o, --output <format>', 'output format').choices(['json']))
    .action(status)
  cluster
    .command('load')
    .description('give the pods of the cluster an image')
    .argument('<tar>', 'archive as "docker save" and "podman save" write it')
    .addOption(nameOption())
    .action(load)
  return cluster
}

async function up(options: { name: string; pods: boolean }): Promise<void> {
  const { up, loadImage } = await import('../../test/cluster/cluster.ts')
  const { echoImage } = await import('../../test/cluster/echo.ts')
  const handle = await up({ ...options, progress })
  const external = process.env.AGENTJOB_TEST_KUBECONFIG
  if (handle.pods && !external) await loadImage(handle, (await echoImage(progress)).tar)
  console.log(`export KUBECONFIG=${shellQuoted(handle.kubeconfig)}`)
}

async function down({ name }: { name: string }): Promise<void> {
  const { down } = await import('../../test/cluster/cluster.ts')
  const { clusterDir } = await import('../../test/cluster/paths.ts')
  if (!existsSync(clusterDir(name))) return console.error(`there is no cluster ${name}`)
  await down(name, { progress })
}

async function status({ name, output }: { name: string; output?: 'json' }): Promise<void> {
  const { status } = await import('../../test/cluster/cluster.ts')
  const found = await status(name)
  if (output === 'json') console.log(JSON.stringify(found ?? { name, ready: false, components: [] }, undefined, 2))
  else console.log(found ? table(found) : `there is no cluster ${name}; ${startsOne(name)}`)
  process.exitCode = found?.ready ? 0 : 1
}

async function load(tar: string, { name }: { name: string }): Promise<void> {
  const { loadImage, status, up } = await import('../../test/cluster/cluster.ts')
  const file = statSync(tar, { throwIfNoEntry: false })
  if (!file) throw new Failure(`there is no file ${tar}`, EXIT.notFound)
  if (!file.isFile()) throw new Failure(`${tar} is no file; an image is packed as one, such as agentjob.tar`)
  if (!(await status(name))?.ready) throw new Failure(`cluster ${name} is not up; ${startsOne(name)}`)
  await loadImage(await up({ name, progress }), tar)
  console.log(`loaded into cluster ${name}: ${tar}`)
}

const startsOne = (name: string) => `"agentjob cluster up --name ${name}" starts one`

function table(found: ClusterStatus): string {
  const rows = [
    ['cluster', `${found.name} ${found.ready ? 'ready' : 'not ready'}`],
    ['server', found.server],
    ['kubeconfig', found.kubeconfig],
    ['logs', `${found.dir}/logs`],
    ['pods', found.podsMissing === undefined ? 'run' : `don't run: ${found.podsMissing}`],
    ...found.components.map(({ name, pid }) => [name, pid === undefined ? 'not running' : `running, pid ${pid}`]),
  ]
  return rows.map(([key, value]) => `${key!.padEnd(24)} ${value}`).join('\n')
}

/** Progress goes to standard error, so that `eval "$(agentjob cluster up)"` sets KUBECONFIG and nothing else. */
function progress(line: string): void {
  const plain = !process.stderr.isTTY || process.env.NO_COLOR
  console.error(plain ? line : line.replace(/ {2}(\S+)$/, '  \x1b[2m$1\x1b[0m'))
}

const shellQuoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
