import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { down, up } from './cluster/cluster.ts'
import { duration } from './cluster/progress.ts'
import { CLUSTER, CLUSTERS } from './e2e/world.ts'
import { keepToOneShare } from './oneshare.ts'
import { SUITES, type Suite } from './suites.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const ROOT = join(import.meta.dirname, '..')

/** Runs a suite; its output goes to the terminal, or, kept back, into a file that is shown when it has ended. */
async function run(suite: Suite, folder: string, o: { keptBack: boolean }): Promise<Counts> {
  const report = join(folder, `${suite.name}.xml`)
  const extra = suite.counted ? ['--reporter=junit', `--reporter-outfile=${report}`] : []
  const [file, ...args] = [...suite.command, ...extra] as [string, ...string[]]
  const env = suite.cluster ? { ...process.env, AGENTJOB_TEST_KUBECONFIG: await testCluster() } : process.env
  const output = o.keptBack ? await open(join(folder, `${suite.name}.log`), 'w+') : undefined
  const to = output?.fd ?? 'inherit'
  const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', to, to] })
  const code = await once(child, 'exit').then(
    ([code]) => (code ?? 1) as number,
    (error: Error) => {
      console.error(`${file}: ${error.message}`)
      return 127
    },
  )
  if (output) {
    await output.close()
    console.error(`\n── ${suite.name}\n${await readFile(join(folder, `${suite.name}.log`), 'utf8')}`)
  }
  if (!suite.counted) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  const counts = countsOf(await readFile(report, 'utf8').catch(() => ''))
  // a suite that could not even be loaded has failed, whatever it counted
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

const testCluster = async () => (await up({ name: CLUSTER, progress: (line) => console.error(`  ${line}`) })).kubeconfig

function countsOf(xml: string): Counts {
  const root = /<testsuites[^>]*>/.exec(xml)?.[0] ?? ''
  const number = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(root)?.[1] ?? 0)
  const [failed, skipped] = [number('failures'), number('skipped')]
  return { passed: number('tests') - failed - skipped, failed, skipped }
}

async function main(): Promise<void> {
  const command = new Command('npm test --')
    .description('runs the tests, real cluster and real pods included')
    .addArgument(new Argument('[suite...]', 'some of them').choices(SUITES.map(({ name }) => name)))
    .option('--keep', 'leave the test cluster up')
    .parse()
  const names = command.args
  await keepToOneShare()
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-test-'))
  // what an earlier run left behind must not be taken for this one's
  const onCluster = ['apiserver', 'e2e', 'upgrades', 'attacks'].some((name) => !names.length || names.includes(name))
  const removes = onCluster && !command.opts().keep
  if (removes) for (const name of CLUSTERS) await down(name)
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  const lines: string[] = []
  const all = async (suites: Suite[], o = { keptBack: false }) => {
    for (const suite of suites) {
      const started = performance.now()
      console.error(`\n── ${suite.name}${o.keptBack ? ', beside the others; its output follows' : ''}`)
      const counts = await run(suite, folder, o)
      for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
      lines.push(`${suite.name.padEnd(10)} ${duration(performance.now() - started).padStart(7)}  ${summary(counts)}`)
    }
  }
  const asked = SUITES.filter(({ name }) => !names.length || names.includes(name))
  const lane = (name: Suite['lane']) => asked.filter(({ lane }) => lane === name)
  const [pods, beside] = [lane('pods'), lane('beside')]
  await Promise.all([all(beside, { keptBack: pods.length > 0 }), all(pods)])
  // idle clusters take half a core
  if (removes) for (const name of CLUSTERS) await down(name)
  await all(lane('alone'))
  await rm(folder, { recursive: true, force: true })
  console.log(`\n${lines.join('\n')}\n\n${summary(total)}`)
  process.exit(total.failed ? 1 : 0)
}

const summary = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`

await main()
