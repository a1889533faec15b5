import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nearest } from '../api/unknownfields.ts'
import type { TextError } from './manifests.ts'
import { readBytes, reasonOf } from './reading.ts'

/** A text with the name by which messages call it. */
export interface Source {
  file: string
  text: string
}

export interface ReadOptions {
  /** Look into the directories of directories, too; left out where the command has no -R for it. */
  recursive?: boolean
}

const MANIFEST = /\.(ya?ml|json)$/

/**
 * Reads what -f names: a file of whatever name, `-` for standard input, or a directory with its .yaml, .yml and .json
 * files. Each file once, those of a directory by name. What cannot be read, or is no text, is an error beside the rest.
 */
export async function readSources(
  paths: string[],
  o: ReadOptions = {},
): Promise<{ sources: Source[]; errors: TextError[] }> {
  const errors: TextError[] = []
  const sources: Source[] = []
  const seen = new Set<string>()
  for (const file of await expandPaths(paths, o.recursive, errors)) {
    const identity = file === '-' ? '-' : await realpath(file).catch(() => file)
    if (seen.has(identity)) continue
    seen.add(identity)
    const name = file === '-' ? 'stdin' : file
    try {
      const text = textOf(await readBytes(file))
      if (text === undefined) errors.push({ file: name, message: 'is no text; YAML or JSON in UTF-8 is needed' })
      else sources.push({ file: name, text })
    } catch (error) {
      errors.push({ file: name, message: reasonOf(error as NodeJS.ErrnoException) })
    }
  }
  return { sources, errors }
}

async function expandPaths(paths: string[], recursive: boolean | undefined, errors: TextError[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await filesAt(path, recursive).catch(reasonOf)
    if (typeof found === 'string') errors.push({ file: path, message: found })
    else files.push(...found)
  }
  return files
}

/** The files that a path means; a sentence, without its subject, where there are none. */
async function filesAt(path: string, recursive: boolean | undefined): Promise<string[] | string> {
  if (path === '-') return [path]
  if (!(await lstat(path).catch(() => undefined))) return missing(path)
  if (!(await stat(path)).isDirectory()) return [path]
  const inside = await manifestsIn(path, recursive === true)
  const deeper = recursive === false ? '; -R looks into its directories, too' : ''
  return inside.length ? inside : `has no .yaml, .yml or .json file${deeper}`
}

async function manifestsIn(directory: string, recursive: boolean): Promise<string[]> {
  const files: string[] = []
  const entries = await readdir(directory, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    // .github and .git hold no manifests, nor does what a package manager has installed
    const isSkipped = entry.name.startsWith('.') || entry.name === 'node_modules'
    if (entry.isDirectory()) files.push(...(recursive && !isSkipped ? await manifestsIn(path, recursive) : []))
    // a pipe may have nobody at its other end; whoever names it knows
    else if (MANIFEST.test(entry.name) && !entry.isFIFO()) files.push(path)
  }
  return files
}

async function missing(path: string): Promise<string> {
  const others = await readdir(dirname(path)).catch(() => [])
  const near = nearest(basename(path), others)
  return near ? `does not exist; did you mean ${join(dirname(path), near)}?` : 'does not exist'
}

/** UTF-8 without its byte order mark; undefined where it is none, or has a NUL in it. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
