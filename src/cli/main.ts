import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { commandFirst } from './arguments.ts'
import { colourFor } from './colour.ts'
import { errorText } from './errortext.ts'
import { EXIT, exitCodesHelp } from './exit.ts'

/** A command before it is loaded: what the overview shows, and where the rest is. */
interface Entry {
  name: string
  group: string
  summary: string
  /** Exit codes, beside 0, 1 and 2. */
  codes?: number[]
  load(): Promise<Command>
}

const RUNS = 'Runs:'
const MANIFESTS = 'Manifests, without a cluster:'
const OPERATOR = 'Operator:'

/** Each loads what it needs itself, so that the overview costs nothing but this file. */
const entries: Entry[] = [
  {
    name: 'run',
    group: RUNS,
    summary: 'Run a prompt, and print what the agent prints',
    codes: [EXIT.timeout, EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./run.ts')).runCommand(),
  },
  {
    name: 'get',
    group: RUNS,
    summary: 'Show AgentJobs',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./get.ts')).getCommand(),
  },
  {
    name: 'logs',
    group: RUNS,
    summary: 'Print the log of a run',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./logs.ts')).logsCommand(),
  },
  {
    name: 'explain',
    group: RUNS,
    summary: 'Say why an AgentJob is in its phase, and what to do',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  {
    name: 'attach',
    group: RUNS,
    summary: 'Open a shell in the container of a run',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./attach.ts')).attachCommand(),
  },
  {
    name: 'wait',
    group: RUNS,
    summary: 'Wait for the end of a run',
    codes: [EXIT.timeout, EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./wait.ts')).waitCommand(),
  },
  {
    name: 'rerun',
    group: RUNS,
    summary: 'Run an AgentJob again',
    codes: [EXIT.timeout, EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./rerun.ts')).rerunCommand(),
  },
  {
    name: 'diff',
    group: RUNS,
    summary: 'Show what applying AgentJobs would change in what runs',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./diff.ts')).diffCommand(),
  },
  {
    name: 'stop',
    group: RUNS,
    summary: 'End what is running',
    codes: [EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./stop.ts')).stopCommand(),
  },
  {
    name: 'expand',
    group: MANIFESTS,
    summary: 'Show the objects that AgentJobs are expanded into',
    load: async () => (await import('./expand.ts')).expandCommand(),
  },
  {
    name: 'validate',
    group: MANIFESTS,
    summary: 'Check manifests, with the line of every error',
    load: async () => (await import('./validate.ts')).validateCommand(),
  },
  {
    name: 'convert',
    group: MANIFESTS,
    summary: 'Turn manifests of thurkube and KubeTask into AgentJobs',
    codes: [EXIT.notFound, EXIT.unreachable, EXIT.notCarried],
    load: async () => (await import('./convert.ts')).convertCommand(),
  },
  {
    name: 'crds',
    group: MANIFESTS,
    summary: 'Print the CustomResourceDefinitions',
    load: async () => (await import('./crds.ts')).crdsCommand(),
  },
  {
    name: 'install',
    group: OPERATOR,
    summary: 'Install AgentJob into a cluster, without Helm',
    codes: [EXIT.timeout, EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./install.ts')).installCommand(),
  },
  {
    name: 'uninstall',
    group: OPERATOR,
    summary: 'Remove what install has installed, CRDs apart',
    codes: [EXIT.unreachable],
    load: async () => (await import('./uninstall.ts')).uninstallCommand(),
  },
  {
    name: 'check',
    group: OPERATOR,
    summary: 'Check that the cluster expands AgentJobs',
    codes: [EXIT.timeout, EXIT.unreachable],
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  {
    name: 'serve',
    group: OPERATOR,
    summary: 'Run the webhook and the controller',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  {
    name: 'rotate-key',
    group: OPERATOR,
    summary: 'Give the operator a new key to sign expansions with',
    codes: [EXIT.timeout, EXIT.notFound, EXIT.unreachable],
    load: async () => (await import('./rotatekey.ts')).rotateKeyCommand(),
  },
  {
    name: 'cluster',
    group: OPERATOR,
    summary: 'A real cluster on this machine, for trying things out',
    load: async () => (await import('./cluster.ts')).clusterCommand(),
  },
]

async function programFor(argv: string[]): Promise<Command> {
  const program = new Command('agentjob')
    .description('AI agent runs as Kubernetes objects. Also to be called as "kubectl agentjob".')
    .version(manifest.version, '-V, --version', 'print the version')
    .addHelpCommand(
      new Command('help').argument('[command]').summary('Show the options of a command').helpGroup(OPERATOR),
    )
    .addHelpText('after', `\n${exitCodesHelp()}\n\n"agentjob COMMAND --help" shows options and examples.`)
  const [wanted] = argv.filter((word) => word !== 'help')
  for (const { name, group, summary, codes = [], load } of entries) {
    const command = name === wanted ? await load() : new Command(name)
    const help = exitCodesHelp([EXIT.ok, EXIT.failed, EXIT.usage, ...codes])
    for (const one of [command, ...command.commands]) one.addHelpText('after', `\n${help}`)
    program.addCommand(command.summary(summary).helpGroup(group))
  }
  return prepare(program, 'agentjob')
}

/** Errors of a command line end here as exceptions and not in process.exit, with a word on where to look. */
function prepare(command: Command, path: string): Command {
  command.exitOverride().showHelpAfterError(`See "${path} --help".`)
  for (const child of command.commands) prepare(child, `${path} ${child.name()}`)
  return command
}

async function main(given: string[]): Promise<void> {
  // of a command that there is not, help would show the overview without a word
  const [first, of] = given
  const isHelp = first === 'help' && (of === undefined || of === 'help' || entries.some(({ name }) => name === of))
  const argv = first === 'help' && !isHelp ? given.slice(1) : given
  try {
    const program = await programFor(argv)
    if (argv.length) await program.parseAsync(argv, { from: 'user' })
    else program.outputHelp()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode && (error.code.startsWith('commander.') ? EXIT.usage : error.exitCode)
      return
    }
    const { lines, exitCode } = errorText(error)
    const prefix = colourFor(process.stderr)('red', 'error:')
    for (const line of lines) process.stderr.write(`${prefix} ${line}\n`)
    process.exitCode = exitCode
  }
}

// whoever reads our output may stop reading
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  throw error
})
await main(commandFirst(process.argv.slice(2)))
