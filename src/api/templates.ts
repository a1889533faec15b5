import { z } from 'zod'
import { absolutePath, argument, FIRST } from './fields.ts'
import { type Finding, fieldPath, shortened } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { PLACEHOLDERS, placeholdersIn } from './placeholders.ts'

const KNOWN = `known are ${PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ')}`

const strangers = (text: unknown) =>
  placeholdersIn(String(text)).filter((name) => !PLACEHOLDERS.some((known) => known === name))

/** A text in which nothing else than placeholders stands in double braces. */
const template = (schema: z.ZodString) =>
  schema.refine((text) => strangers(text).length === 0, {
    error: ({ input }) => `has {{${shortened(strangers(input)[0] ?? '')}}}, which is no placeholder; ${KNOWN}`,
  })

/** Arguments and files with placeholders, for a program that no dialect knows. */
export const templates = z.object({
  args: z
    .array(template(argument(32768)))
    .max(256)
    .optional()
    .meta({ description: 'Arguments of the command.', 'x-kubernetes-list-type': 'atomic' }),
  files: z
    .array(
      z.object({
        path: absolutePath('Where the file is mounted, read-only.'),
        content: template(z.string().max(65536, FIRST)).meta({ description: 'What stands in it.' }),
      }),
    )
    .max(16)
    .optional()
    .meta({ description: 'Text files.', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['path'] }),
})

const SCRIPT =
  'is a script of a shell, in which a text could break out of its quotes; let {{…}} be an argument after it, and use "$1"'

/** No placeholder in the script of a shell; the spec may be of any shape. */
export function templateRules({ dialect, command, args: given, templates }: Fields): Finding[] {
  const args = isFields(templates) ? listOf(templates.args) : []
  const index = scriptIn([...listOf(command), ...args]) - listOf(command).length
  const script = args[index]
  const findings: Finding[] =
    dialect === 'custom' ? [...untouched('command', command), ...untouched('args', given)] : []
  if (typeof script === 'string' && placeholdersIn(script).length)
    findings.push({ path: fieldPath(['spec', 'templates', 'args', index]), message: SCRIPT })
  return findings
}

/** Placeholders where nothing fills them in. */
const untouched = (field: string, line: unknown): Finding[] =>
  listOf(line).flatMap((word, index) => {
    const [name] = typeof word === 'string' ? placeholdersIn(word) : []
    return name === undefined
      ? []
      : [
          {
            path: fieldPath(['spec', field, index]),
            message: `has {{${name}}}, which is filled in in templates alone; put it into templates.args`,
          },
        ]
  })

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Where a shell's script stands in a command line: after its -c. */
function scriptIn(line: unknown[]): number {
  const [program] = line
  const shell = typeof program === 'string' && /(^|\/)(ba|da|a|z|k)?sh$/.test(program)
  const flag = line.findIndex((word) => typeof word === 'string' && /^-[a-z]*c$/.test(word))
  return shell && flag > 0 ? flag + 1 : -1
}
