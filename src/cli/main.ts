import { Command, CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { commandFirst } from './arguments.ts'
import { colourFor } from './colour.ts'
import { EXIT, EXIT_CODES_HELP } from './exit.ts'
import { explain } from './explain.ts'

/** A command before it is loaded: what the overview shows, and where the rest is. */
interface Entry {
  name: string
  group: string
  summary: string
  load(): Promise<Command>
}

const MANIFESTS = 'Manifests, without a cluster:'

/** Each loads what it needs itself, so that the overview costs nothing but this file. */
const entries: Entry[] = [
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
]

async function programFor(argv: string[]): Promise<Command> {
  const program = new Command('agentjob')
    .description('AI agent runs as Kubernetes objects. Also to be called as "kubectl agentjob".')
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'Show the options of a command')
    .addHelpText('after', `\n${EXIT_CODES_HELP}\n\n"agentjob COMMAND --help" shows options and examples.`)
  const [wanted] = argv.filter((word) => word !== 'help')
  for (const { name, group, summary, load } of entries) {
    const command = name === wanted ? await load() : new Command(name)
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

async function main(argv: string[]): Promise<void> {
  try {
    const program = await programFor(argv)
    if (argv.length) await program.parseAsync(argv, { from: 'user' })
    else program.outputHelp()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode && (error.code.startsWith('commander.') ? EXIT.usage : error.exitCode)
      return
    }
    const { lines, exitCode } = explain(error)
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
