import type { Fields } from '../../api/isfields.ts'
import { defined, members, type Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { RUNTIME } from './contextfates.ts'

type MakeSource = (reader: Reader) => Fields

const inline = (content: unknown): Fields => ({ type: 'Inline', inline: defined({ content }) })

/** Ours, by the type of theirs. */
const TYPES: Record<string, MakeSource> = {
  Text: (reader) => inline(reader.take('text')),
  Inline: (reader) => inline(reader.inside('inline')?.take('content')),
  ConfigMap: (reader) => ({
    type: 'ConfigMap',
    configMap: members(reader.inside('configMap'), ['name', 'key', 'optional']),
  }),
  Git: (reader) => ({ type: 'Git', git: gitSource(reader.inside('git')) }),
  URL: (reader) => ({ type: 'Url', url: defined({ url: reader.inside('url')?.take('source') }) }),
}

const DROPPED: Record<string, string> = {
  Runtime: RUNTIME,
  Ref: 'was never built; name the Context in contexts',
}

/** Why contexts of a type are not carried over; undefined where they are. */
export const whyDropped = (type: unknown): string | undefined =>
  typeof type === 'string' && Object.hasOwn(DROPPED, type) ? `type ${type} ${DROPPED[type]}` : undefined

/** The source of a context, from an object with type and the member that it names; undefined where it is dropped. */
export function sourceOf(reader: Reader): Fields | undefined {
  const type = reader.take('type')
  const why = whyDropped(type)
  if (why !== undefined) {
    reader.drop('', why)
    return undefined
  }
  const make = typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (make) return make(reader)
  const wrong = type === undefined ? 'has no type' : `has the type ${shown(type)}`
  reader.fail('', `${wrong}; KubeTask knows ${Object.keys(TYPES).join(', ')}`)
  return undefined
}

function gitSource(git: Reader | undefined): Fields {
  const secretRef = git?.inside('secretRef')
  return defined({
    ...members(git, ['repository']),
    path: git && pathOf(git),
    ...members(git, ['ref']),
    depth: git && depthOf(git),
    secretRef: secretRef && members(secretRef, ['name']),
  })
}

function pathOf(git: Reader): unknown {
  const path = git.take('path')
  if (typeof path !== 'string') return path
  const bare = path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '')
  if (bare !== path) git.note('path', bare === '' ? 'is left out, which is everything' : `is ${bare} here`)
  return bare === '' ? undefined : bare
}

function depthOf(git: Reader): unknown {
  const depth = git.take('depth')
  if (typeof depth !== 'number' || depth >= 1) return depth
  git.note('depth', 'is left out, which is 1: KubeTask takes it for that, whatever it says of 0')
  return undefined
}
