/** A part of the tests: a program that ends with 0, or one whose tests are counted. */
export interface Suite {
  name: string
  command: string[]
  /** Whether it is a `bun test`, whose tests count each; else it counts as one. */
  counted?: boolean
  /** Whether its tests want a cluster named by AGENTJOB_TEST_KUBECONFIG; they keep to what they make themselves. */
  cluster?: boolean
  /**
   * Two lanes run side by side, because much of their time is spent waiting: what waits for `pods`, and what runs `beside`
   * it, whose output is kept back until a suite has ended. What has to show how fast something is runs `alone`, after both.
   */
  lane: 'pods' | 'beside' | 'alone'
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
        './test/bench',
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
  { name: 'cluster', command: bunTest('./test/cluster', './test/batch'), counted: true, lane: 'pods' },
  {
    name: 'install',
    command: bunTest('./test/helm', './test/certmanager', './test/image'),
    counted: true,
    lane: 'pods',
  },
  {
    name: 'apiserver',
    command: bunTest('./test/kube', './test/crds', './test/certs', './test/golden/apiserver.test.ts'),
    counted: true,
    cluster: true,
    lane: 'pods',
  },
  { name: 'chart', command: bunTest('./test/chart'), counted: true, lane: 'beside' },
  { name: 'monitoring', command: bunTest('./test/monitoring'), counted: true, lane: 'beside' },
  { name: 'gitops', command: bunTest('./test/gitops'), counted: true, lane: 'beside' },
  { name: 'badinput', command: bunTest('./test/badinput'), counted: true, lane: 'beside' },
  { name: 'e2e', command: bunTest(...IN_TWO, './test/e2e'), counted: true, lane: 'pods' },
  { name: 'upgrades', command: bunTest('./test/upgrades'), counted: true, lane: 'pods' },
  { name: 'attacks', command: bunTest('./test/attacks'), counted: true, lane: 'pods' },
  { name: 'runtime', command: bunTest('./test/runtime'), counted: true, lane: 'beside' },
  {
    name: 'faults',
    command: bunTest('./test/faults', '--path-ignore-patterns=**/crashes.test.ts'),
    counted: true,
    lane: 'pods',
  },
  { name: 'crashes', command: bunTest('./test/faults/crashes.test.ts'), counted: true, lane: 'alone' },
  { name: 'load', command: bunTest('./test/load'), counted: true, lane: 'alone' },
]
