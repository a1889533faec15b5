import type { Command } from 'commander'
import type { Settings } from '../expand/settings.ts'
import { expandObjects, type OfflineExpansion } from './expansions.ts'
import { readSources } from './files.ts'
import { parseManifests, type TextError } from './manifests.ts'
import { parseNamespace } from './names.ts'
import { type CheckedObject, checkObjects } from './objects.ts'
import { readSettings } from './settings.ts'

/** Options of the commands that read manifests and need no cluster. */
export interface InputOptions {
  filename: string[]
  recursive?: boolean
  namespace: string
  settings?: string
}

/** Adds those options to a command. */
export const withInputOptions = (command: Command): Command =>
  command
    .option('-f, --filename <path...>', 'file, directory, or - for standard input; may be repeated')
    .allowExcessArguments()
    .hook('preAction', (_, command) => filesAreNamed(command))
    .option('-R, --recursive', 'look into the directories of directories, too')
    .option('-n, --namespace <name>', 'namespace of objects that name none', parseNamespace, 'default')
    .option(
      '--settings <file>',
      "the operator's settings (YAML): libraryNamespace, missingReferences, clusterAccess, images, pods, notify, egress, logLevel",
    )

/** Ends with a usage error where no -f is given, or files without it. */
function filesAreNamed(command: Command): void {
  refuseArguments(command)
  if (!command.opts<Partial<InputOptions>>().filename)
    command.error("error: required option '-f, --filename <path...>' not specified", { code: MISSING })
}

const MISSING = 'commander.missingMandatoryOptionValue'

/** Ends with a usage error where files are named without -f. */
export function refuseArguments(command: Command): void {
  const [file] = command.args
  const right = `agentjob ${command.name()} -f ${command.args.join(' -f ')}`
  if (file !== undefined) command.error(`error: files are named with -f: ${right}`, { code: MISSING })
}

/** Everything that the files hold, checked and expanded. */
export interface Input {
  textErrors: TextError[]
  objects: CheckedObject[]
  expansions: OfflineExpansion[]
  /** How many objects of other groups there are. */
  skipped: number
  /** How many documents and files hold no object, because of errors in them. */
  broken: number
  /** The files, in the order in which they were read. */
  names: string[]
}

/** Reads, checks and expands what the options name. */
export async function readInput(o: InputOptions): Promise<Input> {
  const read = await readSettings(o.settings)
  // where notifications may go is not known without them
  const settings: Settings = o.settings === undefined ? { ...read, notify: undefined, egress: undefined } : read
  const { sources, errors } = await readSources(o.filename, { recursive: o.recursive ?? false })
  const files = sources.map(({ file, text }) => parseManifests(file, text))
  const manifests = files.flatMap((file) => file.manifests)
  const checked = checkObjects(manifests, o.namespace)
  const { objects, skipped } = checked
  return {
    textErrors: [...errors, ...files.flatMap((file) => file.errors)],
    objects,
    skipped,
    broken: errors.length + files.reduce((sum, file) => sum + file.broken, 0),
    names: [...errors, ...sources].map(({ file }) => file),
    expansions: expandObjects(checked, settings),
  }
}
