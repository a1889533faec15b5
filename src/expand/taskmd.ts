/** A text that belongs to a task, and where it comes from. */
export interface ContextBlock {
  /** Of a Context; left out, as its namespace is, where it stands in the object itself. */
  name?: string
  namespace?: string
  /** What kind of source it is: `Inline`, `ConfigMap`. */
  type: string
  /** Which of its keys, where all of them are told. */
  key?: string
  /** Left out where it is not read here, but lies at `path`. */
  text?: string
  /** File or folder in the agent's container. */
  path?: string
}

/**
 * The text of task.md: the prompt, then each block in a tag that names it, as KubeTask writes it. Of a block's text only
 * what would end its tag or open another one is escaped, so that code and markup read as they were written.
 */
export const taskMarkdown = (prompt: string, blocks: readonly ContextBlock[]): string =>
  [prompt, ...blocks.map(tagged)].map((part) => `${part.trimEnd()}\n`).join('\n')

function tagged({ text, ...block }: ContextBlock): string {
  const tag = tagOf(block)
  return text === undefined ? `${tag}/>` : `${tag}>\n${harmless(text).trimEnd()}\n${END}`
}

/** How the tag of a block begins, without the `>` or `/>` of it. */
export function tagOf({ name, namespace, type, key, path }: Omit<ContextBlock, 'text'>): string {
  const attributes = Object.entries({ name, namespace, type, key, path })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(value as string)}"`)
  return `<context${attributes.join('')}`
}

/** How a block with a text ends. */
export const END = '</context>'

/** Models read a tag with blanks, capitals or invisible characters in it as one, too. */
const harmless = (text: string) => text.replace(/<(?=[\s\p{Cf}]*(?:\/[\s\p{Cf}]*)?context(?![\w-]))/giu, '&lt;')

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (value: string) =>
  value.replace(/[&<>"]/g, (character) => ENTITIES[character] as string).replace(/\s+/g, ' ')
