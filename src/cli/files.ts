import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nearest } from '../api/unknownfields.ts'
import type { TextError } from './manifests.ts'

/** A text with the name by which messages call it. */
export interface Source {
  file: string
  text: string
}

export interface ReadOptions {
  /** Look into the directories of directories, too. */
  recursive: boolean
}

const MANIFEST = /\.(ya?ml|json)$/

/**
 * Reads what -f names: a file of whatever name, `-` for standard input, or a directory with its .yaml, .yml and .json
 * files. Each file once, those of a directory by name. What cannot be read, or is no text, is an error beside the rest.
 */
export async function readSources(
  paths: string[],
  o: ReadOptions,
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
      const text = textOf(file === '-' ? await readStdin() : await readFile(file))
      if (text === undefined) errors.push({ file: name, message: 'is no text; YAML or JSON in UTF-8 is needed' })
      else sources.push({ file: name, text })
    } catch (error) {
      errors.push({ file: name, message: `cannot be read: ${(error as Error).message}` })
    }
  }
  return { sources, errors }
}

async function expandPaths(paths: string[], recursive: boolean, errors: TextError[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = path === '-' ? undefined : await stat(path).catch(() => null)
    if (found === null) errors.push({ file: path, message: await missing(path) })
    else if (!found?.isDirectory()) files.push(path)
    else {
      const inside = await manifestsIn(path, recursive)
      if (!inside.length)
        errors.push({
          file: path,
          message: `has no .yaml, .yml or .json file${recursive ? '' : '; -R looks into its directories, too'}`,
        })
      files.push(...inside)
    }
  }
  return files
}

async function manifestsIn(directory: string, recursive: boolean): Promise<string[]> {
  const files: string[] = []
  const entries = await readdir(directory, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) files.push(...(recursive ? await manifestsIn(path, recursive) : []))
    else if (MANIFEST.test(entry.name)) files.push(path)
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

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}
