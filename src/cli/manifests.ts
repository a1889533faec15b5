import { type Document, LineCounter, type ParsedNode } from 'yaml'
import { parseFieldPath } from '../api/finding.ts'
import { isFields } from '../api/isfields.ts'
import { parseDocuments } from './documents.ts'
import { offsetOf, type Position } from './position.ts'
import { textErrors, type Wrong } from './texterrors.ts'

/** One object of a file, of a `List` too. */
export interface Manifest {
  object: Record<string, unknown>
  /** Where a field stands; of one that is not there, where it would have to be. */
  positionOf(path: string): Position
  /** There is an error in its text, about keys that stand twice; of those the last one counts. */
  flawed: boolean
}

/** Something that is wrong with a text, not with an object in it. */
export interface TextError extends Position {
  message: string
}

/** What a file holds: its objects, and what keeps the rest from being one. */
export interface ParsedFile {
  manifests: Manifest[]
  errors: TextError[]
  /** How many documents are no object because of them. */
  broken: number
}

/**
 * Parses a file of YAML documents or JSON into the objects that kubectl would send: YAML 1.1 as sigs.k8s.io/yaml reads
 * it (`yes` and `0777` are no strings, `1:30` and dates are), empty documents skipped, lists taken apart.
 */
export function parseManifests(file: string, text: string): ParsedFile {
  const lines = new LineCounter()
  const parsed: ParsedFile = { manifests: [], errors: [], broken: 0 }
  const { documents, tooDeepAt } = parseDocuments(text, lines)
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  for (const document of documents) {
    const { value, wrong } = readDocument(document, text)
    parsed.errors.push(...wrong.map(({ offset, message }) => ({ ...at(offset), message })))
    if (wrong.some(({ final }) => final)) parsed.broken++
    else if (value !== null && value !== undefined)
      addObjects(parsed, value, wrong.length > 0, (path) => at(offsetOf(document, parseFieldPath(path))))
  }
  if (tooDeepAt !== undefined) {
    parsed.errors.push({ ...at(tooDeepAt), message: 'is nested too deep; nothing is read from here on' })
    parsed.broken++
  }
  return parsed
}

/** Adds the objects of a document: itself, or those of the list that it is. */
function addObjects(parsed: ParsedFile, value: unknown, flawed: boolean, positionOf: Manifest['positionOf']): void {
  for (const { path, value: item } of itemsOf(value)) {
    if (isFields(item))
      parsed.manifests.push({ object: item, flawed, positionOf: (field) => positionOf(join(path, field)) })
    else {
      const message = `must be an object with apiVersion, kind and metadata, not ${named(item)}`
      parsed.errors.push({ ...positionOf(path), message })
      parsed.broken++
    }
  }
}

function readDocument(document: Document.Parsed<ParsedNode>, text: string): { value?: unknown; wrong: Wrong[] } {
  const wrong = textErrors(document, text)
  if (!document.contents || wrong.some(({ final }) => final)) return { wrong }
  try {
    return { value: document.toJS(), wrong }
  } catch (error) {
    // aliases of aliases that would grow without end
    return { wrong: [...wrong, { offset: document.contents.range[0], message: (error as Error).message, final: true }] }
  }
}

/** The objects of a list, as kubectl takes it apart: any kind that ends in List. */
function* itemsOf(value: unknown, path = ''): Generator<{ path: string; value: unknown }> {
  if (!isFields(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return yield { path, value }
  const { apiVersion, kind, items = null } = value
  // an empty list, as it is written where nothing was found
  if (items === null && 'items' in value) return
  if (!Array.isArray(items)) return yield { path, value }
  const common = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
  for (const [index, item] of items.entries())
    yield* itemsOf(isFields(item) ? { ...common, ...item } : item, join(path, `items[${index}]`))
}

const join = (path: string, field: string) => (path && field ? `${path}.${field}` : path + field)

const named = (value: unknown) => (Array.isArray(value) ? 'a list' : value === null ? 'nothing' : `a ${typeof value}`)
