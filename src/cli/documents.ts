import { Composer, type Document, Lexer, type LineCounter, type ParsedNode, Parser, type Tags } from 'yaml'

/** Deeper than any object of Kubernetes' is; every level costs the parser more than the one before. */
const MAX_DEPTH = 200

/** The documents of a text, as far as they can be told apart. */
export interface Documents {
  documents: Document.Parsed<ParsedNode>[]
  /** Where a text is nested so deep that it was read no further. */
  tooDeepAt?: number
}

/**
 * Reads YAML 1.1 as sigs.k8s.io/yaml does, within bounds of time and memory: nesting ends at 200 levels, and keys that
 * stand twice are left to the caller, because the parser compares each with each.
 */
export function parseDocuments(text: string, lines: LineCounter): Documents {
  const parser = new Parser(lines.addNewLine)
  let tooDeepAt: number | undefined
  function* tokens() {
    lines.addNewLine(0)
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme)
      if (parser.stack.length <= MAX_DEPTH) continue
      tooDeepAt = parser.offset
      return
    }
    yield* parser.end()
  }
  const composer = new Composer({ version: '1.1', customTags: withoutStrangers, uniqueKeys: false, logLevel: 'error' })
  const documents = [...composer.compose(tokens())] as Document.Parsed<ParsedNode>[]
  return { documents, tooDeepAt }
}

/** Types of YAML 1.1 that Kubernetes' parser does not have. */
const withoutStrangers = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !(tag.format === 'TIME' || STRANGERS.test(tag.tag)))
const STRANGERS = /:(timestamp|binary|omap|pairs|set)$/
