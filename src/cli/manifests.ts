import {
  type Document,
  isCollection,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  type Tags,
  visit,
  type YAMLError,
} from 'yaml'
import { offsetOf, type Position, parseFieldPath } from './position.ts'

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

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/**
 * Parses a file of YAML documents or JSON into the objects that kubectl would send: YAML 1.1 as sigs.k8s.io/yaml reads
 * it (`yes` and `0777` are no strings, `1:30` and dates are), empty documents skipped, lists taken apart.
 */
export function parseManifests(file: string, text: string): ParsedFile {
  const lines = new LineCounter()
  const parsed: ParsedFile = { manifests: [], errors: [], broken: 0 }
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: withoutStrangers,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  for (const document of Array.isArray(documents) ? documents : []) {
    const { value, wrong } = readDocument(document, text)
    parsed.errors.push(...wrong.map(({ offset, message }) => ({ ...at(offset), message })))
    if (wrong.some(({ final }) => final)) parsed.broken++
    else if (value !== null && value !== undefined)
      addObjects(parsed, value, wrong.length > 0, (path) => at(offsetOf(document, parseFieldPath(path))))
  }
  return parsed
}

/** Adds the objects of a document: itself, or those of the list that it is. */
function addObjects(parsed: ParsedFile, value: unknown, flawed: boolean, positionOf: Manifest['positionOf']): void {
  for (const { path, value: item } of itemsOf(value)) {
    if (isObject(item))
      parsed.manifests.push({ object: item, flawed, positionOf: (field) => positionOf(join(path, field)) })
    else {
      const message = `must be an object with apiVersion, kind and metadata, not ${named(item)}`
      parsed.errors.push({ ...positionOf(path), message })
      parsed.broken++
    }
  }
}

/** Types of YAML 1.1 that Kubernetes' parser does not have. */
const withoutStrangers = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !(tag.format === 'TIME' || STRANGERS.test(tag.tag)))
const STRANGERS = /:(timestamp|binary|omap|pairs|set)$/

interface Wrong {
  offset: number
  message: string
  /** The document's value says nothing any more. */
  final: boolean
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

/** A syntax error (the first; the others mostly follow from it), keys that stand twice, and what refers to itself. */
function textErrors(document: Document.Parsed<ParsedNode>, text: string): Wrong[] {
  const twice = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY')
  const [syntax] = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  const wrong = twice.map((error) => ({ offset: error.pos[0], message: repeated(error, text), final: false }))
  if (syntax) wrong.push({ offset: syntax.pos[0], message: syntaxMessage(syntax, text), final: true })
  else wrong.push(...structureErrors(document, text))
  return wrong
}

const repeated = ({ pos }: YAMLError, text: string) =>
  `the key ${/^[^\s:]*/.exec(text.slice(pos[0]))?.[0]} stands here twice; remove one of them`

/** What people forget most: quotes around what has a meaning in YAML. */
function syntaxMessage({ message, pos }: YAMLError, text: string): string {
  if (/^(Alias cannot be an empty string|Plain value cannot start with)/.test(message))
    return `a text that begins with ${text[pos[0]]} must be in quotes`
  if (message.startsWith('Nested mappings are not allowed')) return 'a text with ": " in it must be in quotes'
  return `${message}${templateHint(text)}`
}

const templateHint = (text: string) =>
  text.includes('{{') ? ' (a template? render it first, with "helm template" for example)' : ''

function structureErrors(document: Document.Parsed<ParsedNode>, text: string): Wrong[] {
  const wrong: Wrong[] = []
  const refuse = (node: Node, message: string) => wrong.push({ offset: node.range?.[0] ?? 0, message, final: true })
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key)) refuse(key, `a key must be a string${templateHint(text)}`)
    },
    Alias(_, alias, path) {
      const anchor = alias.resolve(document)
      if (!anchor) refuse(alias, `there is no anchor &${alias.source} before this`)
      else if (path.some((node) => node === anchor))
        refuse(alias, `*${alias.source} stands inside of what it refers to`)
    },
  })
  const isKnown = (message: string) => wrong.some((other) => other.message === message)
  for (const { message, pos } of document.warnings)
    if (!isKnown(message)) wrong.push({ offset: pos[0], message, final: true })
  return wrong
}

/** The objects of a list, as kubectl takes it apart: any kind that ends in List. */
function* itemsOf(value: unknown, path = ''): Generator<{ path: string; value: unknown }> {
  if (!isObject(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List') || !Array.isArray(value.items))
    return yield { path, value }
  const { apiVersion, kind, items } = value
  const common = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
  for (const [index, item] of items.entries())
    yield* itemsOf(isObject(item) ? { ...common, ...item } : item, join(path, `items[${index}]`))
}

const join = (path: string, field: string) => (path && field ? `${path}.${field}` : path + field)

const named = (value: unknown) => (Array.isArray(value) ? 'a list' : value === null ? 'nothing' : `a ${typeof value}`)
