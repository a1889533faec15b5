import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { down, up } from './cluster/cluster.ts'
import { duration } from './cluster/progress.ts'
import { CLUSTER } from './e2e/world.ts'

/** A part of the tests: a program that ends with 0, or one whose tests are counted. */
interface Suite {
  name: string
  command: string[]
  /** Whether it is a `bun test`, whose tests count each; else it counts as one. */
  counted?: boolean
  /** Whether its tests want a cluster named by AGENTJOB_TEST_KUBECONFIG; they keep to what they make themselves. */
  cluster?: boolean
  /** Runs only where it is named. */
  onRequest?: boolean
}

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const BUN = process.execPath
// a second try for what a busy machine was too slow for; the output shows both
const bunTest = (...paths: string[]) => [
  BUN,
  'test',
  '--timeout',
  '120000',
  '--retry=1',
  '--max-concurrency=10',
  ...paths,
]

const SUITES: Suite[] = [
  { name: 'types', command: [BUN, 'x', 'tsc', '-p', '.'] },
  { name: 'style', command: [BUN, 'x', 'biome', 'check', '--error-on-warnings', '.'] },
  { name: 'generated', command: [BUN, 'test/generate.ts', '--check'] },
  {
    name: 'unit',
    command: bunTest(
      './src',
      './webhook',
      './certs',
      './test/action',
      './test/golden',
      './test/convert',
      './test/dialects',
      './test/docs',
      './test/rooms',
      './test/schemas',
    ),
    counted: true,
  },
  { name: 'programs', command: bunTest('./test/programs'), counted: true },
  { name: 'echo', command: ['go', 'test', '-C', 'agents/echo', './...'] },
  { name: 'cluster', command: bunTest('./test/cluster', './test/batch'), counted: true },
  {
    name: 'apiserver',
    command: bunTest('./test/kube', './test/crds', './test/certs', './test/golden/apiserver.test.ts'),
    counted: true,
    cluster: true,
  },
  { name: 'chart', command: bunTest('./test/chart'), counted: true },
  { name: 'badinput', command: bunTest('./test/badinput'), counted: true },
  { name: 'e2e', command: bunTest('./test/e2e'), counted: true },
  { name: 'faults', command: bunTest('./test/faults'), counted: true, onRequest: true },
  { name: 'runtime', command: bunTest('./test/runtime'), counted: true },
]

const ROOT = join(import.meta.dirname, '..')

async function run(suite: Suite, folder: string): Promise<Counts> {
  const report = join(folder, `${suite.name}.xml`)
  const extra = suite.counted ? ['--reporter=junit', `--reporter-outfile=${report}`] : []
  const [file, ...args] = [...suite.command, ...extra] as [string, ...string[]]
  const env = suite.cluster ? { ...process.env, AGENTJOB_TEST_KUBECONFIG: await testCluster() } : process.env
  const code = await new Promise<number>((resolve) => {
    const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', (error) => {
      console.error(`${file}: ${error.message}`)
      resolve(127)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
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
    .argument('[suite...]', `some of: ${SUITES.map(({ name }) => name).join(', ')}`)
    .option('--keep', 'leave the test cluster up')
    .parse()
  const names = command.args
  const unknown = names.filter((name) => !SUITES.some((suite) => suite.name === name))
  if (unknown.length)
    command.error(`there is no suite ${unknown.join(', ')}; there are ${SUITES.map(({ name }) => name).join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-test-'))
  // what an earlier run left behind must not be taken for this one's
  const onCluster = ['apiserver', 'e2e', 'runtime'].some((name) => !names.length || names.includes(name))
  const removes = onCluster && !command.opts().keep
  if (removes) await down(CLUSTER)
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  const lines: string[] = []
  for (const suite of SUITES.filter(({ name, onRequest }) => (names.length ? names.includes(name) : !onRequest))) {
    const started = performance.now()
    console.error(`\n── ${suite.name}`)
    const counts = await run(suite, folder)
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
    lines.push(`${suite.name.padEnd(10)} ${duration(performance.now() - started).padStart(7)}  ${summary(counts)}`)
  }
  await rm(folder, { recursive: true, force: true })
  if (removes) await down(CLUSTER)
  console.log(`\n${lines.join('\n')}\n\n${summary(total)}`)
  process.exit(total.failed ? 1 : 0)
}

const summary = ({ passed, failed, skipped }: Counts) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`

await main()
