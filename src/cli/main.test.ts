import { expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { saidIn, shownIn } from '../../test/docs/calls.ts'
import { pages } from '../../test/docs/markdown.ts'
import { run } from './testing/run.ts'

const COMMANDS = [
  'run',
  'get',
  'logs',
  'explain',
  'attach',
  'wait',
  'rerun',
  'diff',
  'stop',
  'expand',
  'validate',
  'convert',
  'crds',
  'install',
  'uninstall',
  'check',
  'serve',
  'rotate-key',
  'cluster',
]

/** What the pages have of `agentjob`. */
const shown = (await pages()).flatMap(shownIn)
const said = (await pages()).flatMap(saidIn)
const optionsOf = (command: string) =>
  [...new Set([...shown, ...said].filter((call) => call.command === command).flatMap(({ options }) => options))].sort()

/** Lines that a terminal of 80 columns breaks. */
const longLines = (text: string) => text.split('\n').filter((line) => line.length > 80)

test('--version is the version of the package', async () => {
  expect(await run(['--version'])).toEqual({ stdout: `${manifest.version}\n`, stderr: '', exitCode: 0 })
})

test('without a command, the overview: every command, the exit codes', async () => {
  const { stdout, exitCode } = await run([])
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  expect(stdout).toContain('3  --timeout was over first')
  expect(longLines(stdout)).toEqual([])
  expect(exitCode).toBe(0)
  expect((await run(['--help'])).stdout).toBe(stdout)
})

test('help of a command that there is not is an error, which tells the one that is meant', async () => {
  const { stdout, stderr, exitCode } = await run(['help', 'validat'])
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
  expect(stderr).toContain("error: unknown command 'validat'\n(Did you mean validate?)")
  expect((await run(['help', 'validate'])).stdout).toStartWith('Usage: agentjob validate')
})

test('the pages show commands that there are', () => {
  expect(shown.length).toBeGreaterThan(50)
  expect(shown.map(({ command }) => command).filter((command) => !COMMANDS.includes(command))).toEqual([])
})

test.each(COMMANDS.filter((command) => command !== 'cluster'))(
  '%s --help shows an example, every option that a page shows, and no long line',
  async (command) => {
    const { stdout, stderr, exitCode } = await run([command, '--help'])
    expect(stdout).toContain(`agentjob ${command}`)
    expect(stdout).toContain('Examples:')
    expect(optionsOf(command).filter((option) => !new RegExp(`(^  |, )${option}[ ,]`, 'm').test(stdout))).toEqual([])
    expect(longLines(stdout)).toEqual([])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  },
)

test.each(['cluster', 'cluster up', 'cluster down', 'cluster status', 'cluster load'])(
  '%s --help has no long line',
  async (command) => {
    const { stdout, stderr, exitCode } = await run([...command.split(' '), '--help'])
    expect(longLines(stdout)).toEqual([])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  },
)

test.each([
  ['validate', '0 1 2'],
  ['cluster down', '0 1 2'],
  ['logs', '0 1 2 4 5'],
  ['wait', '0 1 2 3 4 5'],
])('%s --help lists the exit codes %s', async (command, want) => {
  const { stdout } = await run([...command.split(' '), '--help'])
  const [, table = ''] = stdout.split('Exit codes:\n')
  expect([...table.matchAll(/^ {2}(\d) {2}\S/gm)].map(([, code]) => code).join(' ')).toBe(want)
})

test('a cluster that there is not is not removed without a word', async () => {
  expect(await run(['cluster', 'down', '--name', 'nope'])).toMatchObject({
    stderr: 'there is no cluster nope\n',
    exitCode: 0,
  })
})

const bad: { name: string; args: string[]; want: string; exitCode: number }[] = [
  { name: 'a mistyped command', args: ['vlidate'], want: 'Did you mean validate?', exitCode: 2 },
  { name: 'a mistyped option', args: ['validate', '-f', '-', '--strikt'], want: 'Did you mean --strict?', exitCode: 2 },
  { name: 'a mistyped option in front of the command', args: ['--namspace', 'get'], want: '--namspace', exitCode: 2 },
  { name: 'a missing option', args: ['expand'], want: "required option '-f, --filename", exitCode: 2 },
  { name: 'files without -f', args: ['validate', 'a', 'b'], want: 'agentjob validate -f a -f b', exitCode: 2 },
  { name: 'a file too many', args: ['expand', 'a', '-f', '-'], want: 'agentjob expand -f a', exitCode: 2 },
  { name: 'a name of another type', args: ['logs', 'pod/a'], want: 'such as hello or aj/hello', exitCode: 2 },
  { name: 'no namespace', args: ['get', '-n', '../a'], want: 'the name of a namespace', exitCode: 2 },
  { name: 'a missing name', args: ['logs'], want: "missing required argument 'name'", exitCode: 2 },
  {
    name: 'a certificate that is over before anybody has it',
    args: ['serve', '--certificate-duration', '1s'],
    want: 'must be a duration such as 2160h, of 30s at least',
    exitCode: 2,
  },
  {
    name: 'a lease that is over before it begins',
    args: ['serve', '--lease-duration', '0'],
    want: 'must be a whole number of seconds, 1 or more',
    exitCode: 2,
  },
  { name: 'a name too many', args: ['stop', 'a', 'b'], want: 'too many arguments', exitCode: 2 },
  {
    name: 'a format that there is not',
    args: ['get', '-o', 'xml'],
    want: 'Allowed choices are wide, yaml',
    exitCode: 2,
  },
  {
    name: 'a mistyped condition',
    args: ['wait', 'a', '--for=condition=Redy'],
    want: 'Did you mean Ready?',
    exitCode: 2,
  },
  { name: 'no duration', args: ['wait', 'a', '--timeout', 'soon'], want: 'a duration such as 30s', exitCode: 2 },
  { name: 'no number of lines', args: ['logs', 'a', '--tail', 'ten'], want: 'a number of lines', exitCode: 2 },
  { name: 'no cluster', args: ['get'], want: 'no cluster to talk to', exitCode: 5 },
  {
    name: 'a kubeconfig that is not there',
    args: ['get', '--kubeconfig', '/no/such'],
    want: '/no/such does not exist',
    exitCode: 5,
  },
  {
    name: 'a directory for a kubeconfig',
    args: ['get', '--kubeconfig', '.'],
    want: "the kubeconfig . can't be read: it is a directory; name a file in it",
    exitCode: 5,
  },
  {
    name: 'no settings there',
    args: ['expand', '-f', '-', '--settings', '/no/such'],
    want: '/no/such: does not exist',
    exitCode: 1,
  },
]
test.each(bad)('$name: exit code $exitCode', async ({ args, want, exitCode }) => {
  const ended = await run(args)
  expect(ended.stderr).toStartWith('error: ')
  expect(ended.stderr).toContain(want)
  expect(ended.stderr).not.toMatch(/^ +at /m)
  expect(ended).toMatchObject({ stdout: '', exitCode })
})

test('an API server that is not there: exit code 5', async () => {
  const kubeconfig = {
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  const directory = await mkdtemp(join(tmpdir(), 'agentjob-main-'))
  const file = join(directory, 'kubeconfig')
  await Bun.write(file, JSON.stringify(kubeconfig))
  for (const command of [
    ['get'],
    ['get', 'a'],
    ['explain', 'a'],
    ['logs', 'a'],
    ['logs', 'a', '-f'],
    ['attach', 'a'],
    ['wait', 'a'],
    ['rerun', 'a'],
    ['stop', 'a'],
    ['run', '--runtime', 'a', 'hello'],
  ]) {
    const { stdout, stderr, exitCode } = await run([...command, '--kubeconfig', file])
    expect({ command, stdout, exitCode }).toEqual({ command, stdout: '', exitCode: 5 })
    expect(stderr).toContain('the API server cannot be reached')
  }
  await rm(directory, { recursive: true })
}, 30_000)
