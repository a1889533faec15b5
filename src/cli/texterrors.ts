import { type Document, isCollection, isScalar, type Node, type ParsedNode, visit, type YAMLError } from 'yaml'
import { shortened } from '../api/finding.ts'

/** Something that is wrong with the text of a document. */
export interface Wrong {
  offset: number
  message: string
  /** The document's value says nothing any more. */
  final: boolean
}

/** A syntax error (the first; the others mostly follow from it), keys that stand twice, and what refers to itself. */
export function textErrors(document: Document.Parsed<ParsedNode>, text: string): Wrong[] {
  const [syntax] = document.errors
  if (syntax) return [{ offset: syntax.pos[0], message: syntaxMessage(syntax, text), final: true }]
  return [...repeatedKeys(document), ...structureErrors(document, text)]
}

/** More of one kind are no help any more. */
const MOST = 20

function repeatedKeys(document: Document.Parsed<ParsedNode>): Wrong[] {
  const wrong: Wrong[] = []
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>()
      for (const { key } of items) {
        // several merge keys may well stand in one map
        if (!isScalar(key) || typeof key.value === 'symbol') continue
        const message = `the key ${shortened(String(key.value))} stands here twice; remove one of them`
        if (seen.has(key.value)) wrong.push({ offset: key.range?.[0] ?? 0, message, final: false })
        seen.add(key.value)
        if (wrong.length >= MOST) return visit.BREAK
      }
      return undefined
    },
  })
  return wrong
}

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
  const anchors = new Map<string, Node>()
  const refuse = (node: Node, message: string) => wrong.push({ offset: node.range?.[0] ?? 0, message, final: true })
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
    Pair(_, { key }) {
      if (isCollection(key)) refuse(key, `a key must be a string${templateHint(text)}`)
    },
    Alias(_, alias, path) {
      const anchor = anchors.get(alias.source)
      if (!anchor) refuse(alias, `there is no anchor &${alias.source} before this`)
      else if (path.some((node) => node === anchor))
        refuse(alias, `*${alias.source} stands inside of what it refers to`)
    },
  })
  const isKnown = (message: string) => wrong.some((other) => other.message === message)
  for (const { message, pos } of document.warnings)
    if (!isKnown(message)) wrong.push({ offset: pos[0], message, final: true })
  return wrong.slice(0, MOST)
}
