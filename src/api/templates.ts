import { z } from 'zod'
import { absolutePath, strings } from './fields.ts'
import { type Finding, fieldPath, shortened } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { PLACEHOLDERS, placeholdersIn } from './placeholders.ts'

const MOST = 65536

/** Arguments and files with placeholders, for a program that no dialect knows. */
export const templates = z.object({
  args: strings('Arguments of the command.'),
  files: z
    .array(
      z.object({
        path: absolutePath('Where the file is mounted, read-only.'),
        content: z.string().max(MOST).meta({ description: 'What stands in it.' }),
      }),
    )
    .max(16)
    .optional()
    .meta({
      description: 'Text files.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['path'],
    }),
})

const KNOWN = `known are ${PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ')}`

/** The rules of templates that a schema cannot say; the spec may be of any shape. */
export function templateRules({ command, templates }: Fields): Finding[] {
  if (!isFields(templates)) return []
  const args = listOf(templates.args)
  const findings = args.flatMap((text, index) => unknown(text, ['spec', 'templates', 'args', index]))
  for (const [index, file] of listOf(templates.files).entries())
    if (isFields(file)) findings.push(...unknown(file.content, ['spec', 'templates', 'files', index, 'content']))
  const script = scriptIn([...listOf(command), ...args]) - listOf(command).length
  const text = args[script]
  if (typeof text === 'string' && placeholdersIn(text).length)
    findings.push({
      path: fieldPath(['spec', 'templates', 'args', script]),
      message:
        'is a script of a shell, in which a text could break out of its quotes; let {{…}} be an argument after it, and use "$1"',
    })
  return findings
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function unknown(text: unknown, path: PropertyKey[]): Finding[] {
  if (typeof text !== 'string' || text.length > MOST) return []
  const strange = new Set(placeholdersIn(text).filter((name) => !PLACEHOLDERS.some((known) => known === name)))
  return [...strange].map((name) => ({
    path: fieldPath(path),
    message: `has {{${shortened(name)}}}, which is no placeholder; ${KNOWN}`,
  }))
}

/** Where a shell's script stands in a command line: after its -c. */
function scriptIn(line: unknown[]): number {
  const shell = /(^|\/)(ba|da|a|z|k)?sh$/.test(String(line[0]))
  const flag = line.findIndex((word) => typeof word === 'string' && /^-[a-z]*c$/.test(word))
  return shell && flag > 0 ? flag + 1 : -1
}
