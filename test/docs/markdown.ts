import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..')
const IGNORED = ['node_modules', '.git', 'testdata']

const OF_REPOSITORY = /^(agents|certs|crds|docs|examples|src|test|webhook)\/[\w./-]*$/

/** A Markdown page, cut into what checks look at. */
export interface Page {
  /** Path from the root. */
  path: string
  text: string
  /** Texts of the headings, with their marks. */
  headings: string[]
  /** Targets of links and images, as they stand there. */
  links: string[]
  /** Files and folders of the repository that stand in `code`, from the root. */
  paths: string[]
  /** Fenced blocks with the word behind the fence. */
  blocks: { language: string; text: string }[]
}

/** Cuts a page; what stands in a fenced block is neither heading nor link. */
export function parsePage(path: string, text: string): Page {
  const blocks: Page['blocks'] = []
  const prose = text.replace(/^(`{3,})(\S*)[^\n]*\n([\s\S]*?)^\1[ \t]*$/gm, (_, __, language: string, body: string) => {
    blocks.push({ language, text: body })
    return ''
  })
  const headings = [...prose.matchAll(/^#{1,6}[ \t]+(.+?)[ \t]*$/gm)].map(([, heading]) => heading as string)
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span as string)
  const paths = spans.filter((span) => OF_REPOSITORY.test(span))
  const plain = prose.replace(/`[^`\n]+`/g, '')
  const links = [...plain.matchAll(/\]\(<?([^)<>\s]+)>?(?:\s+"[^"]*")?\)/g)].map(([, target]) => target as string)
  return { path, text, headings, links, paths, blocks }
}

/** Every Markdown page of the repository, in the order of their paths. */
export async function pages(): Promise<Page[]> {
  const paths = (await filesBelow(ROOT)).filter((path) => path.endsWith('.md'))
  return Promise.all(paths.map(async (path) => parsePage(path, await readFile(join(ROOT, path), 'utf8'))))
}

/** Paths of the files below a folder, from the root, without what is not ours. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const nested = entries
    .filter(({ name }) => !IGNORED.includes(name))
    .map(async (entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [relative(ROOT, path)]
    })
  return (await Promise.all(nested)).flat().sort()
}

/** The anchor that GitHub gives to a heading; the second of the same text has `-1` behind it, which is not looked at. */
export const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/ /g, '-')
