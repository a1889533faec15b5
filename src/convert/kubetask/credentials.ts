import type { Fields } from '../../api/isfields.ts'
import type { Fates } from '../fates.ts'
import { defined, members, type Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { fileModeOf } from './filemode.ts'

export const CREDENTIAL: Fates = {
  name: { to: 'name', sometimes: 'in lower case, at most 50 characters, each once' },
  'secretRef.name': { to: 'secretRef.name' },
  'secretRef.key': { to: 'secretRef.key' },
  env: { to: 'env', sometimes: 'beside a mountPath it becomes a credential of its own; dropped without a key' },
  mountPath: { to: 'mountPath' },
  fileMode: { to: 'fileMode', sometimes: 'dropped without a mountPath' },
}

/** The credentials of an Agent as ours; undefined where there are none. */
export function credentialsOf(spec: Reader): Fields[] | undefined {
  const taken = new Set<string>()
  const made = spec.each('credentials').flatMap((item) => credential(item, taken).map(item.made))
  return made.length ? made : undefined
}

/** One credential; two where the value goes into a variable and a file, because ours go one way each. */
function credential(item: Reader, taken: Set<string>): Fields[] {
  const hasKey = given(item.inside('secretRef')?.peek('key'))
  const [inEnv, inFile] = [given(item.peek('env')), given(item.peek('mountPath'))]
  const secretRef = members(item.inside('secretRef'), hasKey ? ['name', 'key'] : ['name'])
  const name = nameOf(item, taken)
  if (hasKey && !inEnv && !inFile) {
    item.drop('', 'says not where the value goes, so that the agent never got it; give it env or mountPath')
    return []
  }
  if (inEnv && !hasKey) item.drop('env', 'goes with a key of the Secret; without one KubeTask takes no notice of it')
  if (item.has('fileMode') && !inFile) item.drop('fileMode', 'goes with a mountPath')
  const file = { mountPath: item.take('mountPath'), fileMode: inFile ? fileModeOf(item) : undefined }
  if (!hasKey || !inEnv) return [defined({ name, secretRef, ...(inFile ? file : {}) })]
  const variable = { name, secretRef, env: item.take('env') }
  if (!inFile) return [variable]
  const second = unique(`${shown(name)}-file`, taken)
  item.note('', `goes into a variable and a file; here these are two credentials, ${shown(name)} and ${second}`)
  return [variable, defined({ name: second, secretRef, ...file })]
}

const given = (value: unknown) => value !== undefined && value !== ''

/** The name as ours may be: it is a label for people, and no part of what the agent sees. */
function nameOf(item: Reader, taken: Set<string>): unknown {
  const name = item.take('name')
  if (typeof name !== 'string') return name
  const fit = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  const made = unique(fitting(name) ? name : fit || 'credential', taken)
  if (made !== name)
    item.note('name', `is ${made} here: lower case letters, digits and "-", at most 50, each name once`)
  return made
}

const fitting = (name: string) => name.length <= 50 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)

function unique(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name.slice(0, 45)}-${number}`
  taken.add(free)
  return free
}
