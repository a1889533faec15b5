import { peers } from './convert.ts'
import type { Fate, Fates } from './fates.ts'
import { CONTEXT_ITEM } from './kubetask/contextfates.ts'
import { METADATA } from './metadata.ts'

/*
 * The tables of the guides for those who move over. Between `<!-- fields of NAME -->` and `<!-- end of NAME -->` a guide
 * has what the fates of NAME say: a kind, `metadata` of every kind, or `contexts` wherever they stand.
 */

/** A section of a guide: its name, what is told in it, and which of our kinds it is about. */
type Section = [name: string, fates: Fates]

const METADATA_SECTION: Section = ['metadata', METADATA]

/** The rows that a kind has to itself: those of a Task stand in a CronTask, too. */
const ownOf = (fates: Fates): Fates =>
  Object.fromEntries(
    Object.entries(fates).filter(([path]) => !(path in METADATA) && !/contexts\[\]\.|taskTemplate\.spec\./.test(path)),
  )

/** Kinds of a peer; all of them where none is named. */
const kindsOf = (peer: string, ...names: string[]): Section[] =>
  (peers.find(({ name }) => name === peer)?.kinds ?? [])
    .filter(({ kind }) => !names.length || names.includes(kind))
    .map(({ kind, fates }) => [kind, ownOf(fates)])

/** Entries of contexts; ref and inline hold what else stands in the entry itself. */
const contexts = Object.fromEntries(
  Object.entries(CONTEXT_ITEM).filter(([path]) => !/^(ref|inline)\./.test(path) || path === 'inline.content'),
)

/** The sections of each guide. What is left out has the rows of another one: an AgentTemplate those of an Agent. */
const GUIDES: Record<string, Section[]> = {
  'docs/guides/from-thurkube.md': [METADATA_SECTION, ...kindsOf('thurkube')],
  'docs/guides/from-kubetask.md': [
    METADATA_SECTION,
    ['contexts', contexts],
    ...kindsOf('KubeTask', 'Task', 'CronTask', 'Agent', 'KubeTaskConfig'),
  ],
}

/** The guides that have such tables. */
export const guides: string[] = Object.keys(GUIDES)

/** A guide with its tables as they are to be. Throws where the guide has no place for one. */
export function withTables(path: string, text: string): string {
  return (GUIDES[path] ?? []).reduce((guide, [name, fates]) => {
    const [start, end] = [`<!-- fields of ${name} -->`, `<!-- end of ${name} -->`]
    const [from, to] = [guide.indexOf(start), guide.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`${path}: there is no ${start} with an ${end} behind it`)
    return `${guide.slice(0, from)}${start}\n${tableOf(fates)}\n${guide.slice(to)}`
  }, text)
}

/** A table of fields, where they go and what differs; what stays as it is shares a line. */
function tableOf(fates: Fates): string {
  const rows = Object.entries(fates)
  const isSame = (path: string, fate: Fate) => 'to' in fate && fate.to === path && !fate.note && !fate.sometimes
  const same = rows.filter(([path, fate]) => isSame(path, fate)).map(([path]) => code(path))
  const others = new Map<string, string[][]>()
  for (const [path, fate] of rows.filter(([path, fate]) => !isSame(path, fate))) {
    const cells = cellsOf(fate)
    const alike = others.get(cells.join()) ?? []
    others.set(cells.join(), [...alike, [code(path), ...cells]])
  }
  const lines = [...others.values()].map((alike) => {
    const [[_, ...cells]] = alike as [string[]]
    return [alike.map(([path]) => path).join(', '), ...cells]
  })
  const first = same.length ? [[same.join(', '), 'the same', '']] : []
  return [['field', 'becomes', 'differs'], ['---', '---', '---'], ...first, ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

const code = (path: string) => `\`${path}\``

function cellsOf(fate: Fate): [string, string] {
  if ('dropped' in fate) return ['**dropped**', fate.dropped]
  if ('left' in fate) return ['nothing', fate.left]
  const differs = [fate.note, fate.sometimes].filter((text) => text !== undefined).join('; ')
  const [kind, path] = fate.to.includes(' ') ? fate.to.split(' ') : ['', fate.to]
  return [`${kind} ${code(path as string)}`.trim(), differs]
}
