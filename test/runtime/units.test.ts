import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { RUNTIMES, type Runtime } from './runtimes.ts'

/*
 * The tests of other rooms, run by Deno and by Node: as many must pass there as Bun finds. Left out is what is Bun's own
 * (webhook/bunserver.ts), what wants fake timers, and the command line's, which is tried from outside in test/e2e/runtimes.test.ts.
 */

const PURE = 'pure rooms'
const ROOMS = {
  [PURE]: [
    'src/{api,dialects,expand,status,convert}/**/*.test.ts',
    'test/golden/{golden,fields}.test.ts',
    'test/convert/*.test.ts',
  ],
  'client, certificates and admission': [
    'src/kube/*.test.ts',
    'certs/*.test.ts',
    'webhook/{access,admit,agentjob,app,clusteraccess,configmaps,grants,references,review,rights,signatures}.test.ts',
  ],
  // client certificate and CA, watches that are cut
  'client against a real API server': ['test/kube/{client,events,reflector}.test.ts'],
}

/** What holds for any input the suite `unit` shows, with many. */
const FEW_RUNS = { AGENTJOB_PROPERTY_RUNS: '10' }
const ROOT = join(import.meta.dirname, '..', '..')
const SHIM = join(import.meta.dirname, 'node.ts')
const IMPORTS = join(import.meta.dirname, 'imports.json')

const CLUSTER = 'test-runtime'
let folder: string
let cluster: ClusterHandle
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-units-'))
  cluster = await up({ name: CLUSTER, pods: false, progress: (line) => console.error(`  ${line}`) })
}, 600_000)
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  if (cluster.name === CLUSTER) await down(CLUSTER)
}, 60_000)

function command({ name, file }: Runtime, room: string): string[] {
  if (name === 'deno')
    return [
      file,
      'test',
      '--parallel',
      '--allow-all',
      '--no-check',
      '--no-lock',
      '--reporter=dot',
      '--import-map',
      IMPORTS,
    ]
  // what has no hooks and no state needs no process for each file, which would take twice the time
  const together = room === PURE ? ['--experimental-test-isolation=none'] : []
  return [file, '--test', '--test-reporter=dot', '--test-timeout=60000', '--import', SHIM, ...together]
}

async function run([file, ...args]: string[], env: Record<string, string> = {}) {
  const child = spawn(file as string, args, {
    cwd: ROOT,
    env: { ...process.env, ...FEW_RUNS, NO_COLOR: '1', AGENTJOB_TEST_KUBECONFIG: cluster.kubeconfig, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      output += data
    })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  return { code, output }
}

/** How many tests of the files pass on a runtime; throws with the end of what it says where one fails. */
async function passedOn(runtime: Runtime, room: string, files: string[]): Promise<number> {
  const counter = join(folder, `${runtime.name}-${Math.random()}`)
  const { code, output } = await run([...command(runtime, room), ...files], { AGENTJOB_TESTS_PASSED: counter })
  if (code !== 0) throw new Error(`${runtime.name} ended with ${code}:\n${output.slice(-6000)}`)
  return (await readFile(counter, 'utf8').catch(() => '')).length
}

/** How many tests Bun finds in the files: as many as it leaves out when it is asked for one that nobody has. */
async function testsOnBun(files: string[]): Promise<number> {
  const none = ['--test-name-pattern', 'nobody calls a test so']
  const { output } = await run([process.execPath, 'test', ...none, ...files.map((file) => `./${file}`)])
  return Number(/\(skipping (\d+) tests?\)/.exec(output)?.[1])
}

for (const [room, patterns] of Object.entries(ROOMS))
  test.skipIf(!RUNTIMES.length)(
    `${room}: Deno and Node pass as many tests as Bun has`,
    async () => {
      const files = await Array.fromAsync(glob(patterns, { cwd: ROOT }))
      const [bun, ...others] = await Promise.all([
        testsOnBun(files),
        ...RUNTIMES.map((one) => passedOn(one, room, files)),
      ])
      console.error(`  ${bun} tests of ${files.length} files: ${room}`)
      expect(others).toEqual(RUNTIMES.map(() => bun))
    },
    600_000,
  )
