/** A part of the tests: a program that ends with 0, or one whose tests are counted. */
export interface Suite {
  name: string
  command: string[]
  /** Whether it is a `bun test`, whose tests count each; else it counts as one. */
  counted?: boolean
  /** Whether its tests want a cluster named by AGENTJOB_TEST_KUBECONFIG; they keep to what they make themselves. */
  cluster?: boolean
  /**
   * Runs `beside` those that wait for pods most of the time, its output kept back until it has ended; or `alone`, after
   * all others, because it has to show how fast something is.
   */
  lane?: 'beside' | 'alone'
}

const BUN = process.execPath
// a second try for what a busy machine was too slow for; the output shows both
const bunTest = (...args: string[]): string[] => [
  BUN,
  'test',
  '--timeout',
  '120000',
  '--retry=1',
  '--max-concurrency=10',
  ...args,
]

// they wait for pods most of the time: two processes, each with a cluster of its own, that begin with the longest files
const IN_TWO =
  process.env.AGENTJOB_TEST_KUBECONFIG === undefined
    ? ['--parallel=2', '--no-isolate', '--timings=test/e2e/timings.json']
    : []

// what takes all of a core and could wait: pods get what others leave
const GENTLY = ['nice', '-n', '10']

/** In the order in which they run; what is quick and tells most comes first. */
export const SUITES: Suite[] = [
  { name: 'types', command: [...GENTLY, BUN, 'x', 'tsc', '-p', '.'], lane: 'beside' },
  { name: 'style', command: [...GENTLY, BUN, 'x', 'biome', 'check', '--error-on-warnings', '.'], lane: 'beside' },
  { name: 'generated', command: [...GENTLY, BUN, 'test/generate.ts', '--check'], lane: 'beside' },
  {
    name: 'unit',
    command: [
      ...GENTLY,
      ...bunTest(
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
    ],
    counted: true,
    lane: 'beside',
  },
  { name: 'programs', command: [...GENTLY, ...bunTest('./test/programs')], counted: true, lane: 'beside' },
  { name: 'echo', command: ['go', 'test', '-C', 'agents/echo', './...'], lane: 'beside' },
  { name: 'cluster', command: bunTest('./test/cluster', './test/batch'), counted: true },
  { name: 'install', command: bunTest('./test/helm', './test/certmanager', './test/image'), counted: true },
  {
    name: 'apiserver',
    command: bunTest('./test/kube', './test/crds', './test/certs', './test/golden/apiserver.test.ts'),
    counted: true,
    cluster: true,
  },
  { name: 'chart', command: bunTest('./test/chart'), counted: true, lane: 'beside' },
  { name: 'monitoring', command: bunTest('./test/monitoring'), counted: true, lane: 'beside' },
  { name: 'gitops', command: bunTest('./test/gitops'), counted: true, lane: 'beside' },
  { name: 'badinput', command: bunTest('./test/badinput'), counted: true, lane: 'beside' },
  { name: 'e2e', command: bunTest(...IN_TWO, './test/e2e'), counted: true },
  { name: 'upgrades', command: bunTest('./test/upgrades'), counted: true },
  { name: 'attacks', command: bunTest('./test/attacks'), counted: true },
  { name: 'runtime', command: bunTest('./test/runtime'), counted: true },
  { name: 'faults', command: bunTest('./test/faults'), counted: true, lane: 'alone' },
  { name: 'load', command: bunTest('./test/load'), counted: true, lane: 'alone' },
]
