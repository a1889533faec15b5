import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { API_VERSION } from '../../src/api/kind.ts'

/** Something that people get wrong, and what they are told. */
export interface Mistake {
  name: string
  /** AgentJob unless said. */
  kind?: string
  /** The spec, as YAML; of an AgentJob beside prompt and runtimeRef, unless it has its own. */
  spec?: string
  /** metadata.name, `a` unless said. */
  as?: string
  /** The whole manifest, where more than its spec is wrong. */
  manifest?: string
  /** What `agentjob validate` says: `LINE:COLUMN SEVERITY: FIELD: MESSAGE`. */
  says: string[]
  /** What the API server says, where it is not the same without the places; the first line is the refusal. */
  apiServer?: string[]
}

/** Of the tables. */
export const FOLDER = join(import.meta.dirname, 'mistakes')

/** The files of the table, each with its mistakes. */
export const tables = (): [file: string, Mistake[]][] =>
  readdirSync(FOLDER)
    .sort()
    .map((file) => [file, parse(readFileSync(join(FOLDER, file), 'utf8')) as Mistake[]])

/** An AgentRuntime that is there, so that nothing is said of a missing one. */
export const RUNTIME = `apiVersion: ${API_VERSION}\nkind: AgentRuntime\nmetadata: {name: echo}\nspec: {image: echo}\n`

/** The manifest of a mistake; the fields of its spec begin in line 5, in column 3. */
export function manifestOf({ kind = 'AgentJob', spec = '', as = 'a', manifest }: Mistake): string {
  if (manifest !== undefined) return manifest
  const lines = spec.trimEnd().split('\n')
  const own = (field: string) => lines.some((line) => line.toLowerCase().startsWith(`${field.toLowerCase()}:`))
  const base = { prompt: 'Say hello.', runtimeRef: 'echo' }
  if (kind === 'AgentJob')
    for (const [field, value] of Object.entries(base)) if (!own(field)) lines.push(`${field}: ${value}`)
  const body = lines.map((line) => `  ${line}\n`).join('')
  return `apiVersion: ${API_VERSION}\nkind: ${kind}\nmetadata: {name: ${as}}\nspec:\n${body}`
}
