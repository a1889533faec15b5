import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'

/** Where something stands: 1-based, columns in UTF-16 units. Without a line it is the file as a whole. */
export interface Position {
  file: string
  line?: number
  column?: number
}

/** `examples/hello.yaml:7:3`, as editors and compilers write it. */
export const formatPosition = ({ file, line, column }: Position): string =>
  line === undefined ? file : `${file}:${line}:${column}`

/**
 * Offset of a field in the text of a document: of its key in a map, of the entry in a list. Of a field that is not
 * there, the offset of the nearest one around it that is.
 */
export function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = (node as Node | null)?.range?.[0] ?? 0
  for (const segment of path) {
    const around = resolveAlias(document, node)
    const next = isMap(around) ? pairOf(document, around.items, String(segment)) : undefined
    const item = isSeq(around) ? (around.items[Number(segment)] as Node | undefined) : undefined
    const found = (next?.key as Node | undefined) ?? item
    if (!found?.range) return offset
    offset = found.range[0]
    node = next ? next.value : item
  }
  return offset
}

const resolveAlias = (document: Document, node: unknown) => (isAlias(node) ? node.resolve(document) : node)

/** The pair of a key; also one that a merge key (`<<`) brings in. */
function pairOf(document: Document, pairs: Pair[], key: string): Pair | undefined {
  const named = (name: string) => pairs.findLast((pair) => isScalar(pair.key) && String(pair.key.source) === name)
  const own = named(key)
  if (own) return own
  const merged = resolveAlias(document, named('<<')?.value)
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const map = resolveAlias(document, source)
    const found = isMap(map) ? pairOf(document, map.items, key) : undefined
    if (found) return found
  }
  return undefined
}
