import { quoted } from './quoted.ts'

/** What can be written: scalars, lists of texts, tables, and lists of tables that hold scalars. */
export interface Toml {
  [key: string]: string | boolean | number | string[] | Toml | Toml[] | undefined
}

/** TOML (https://toml.io/en/v1.0.0) of a table; members that are undefined are left out. `path` is for its own use. */
export function toml(table: Toml, path: string[] = []): string {
  const entries = Object.entries(table).filter(([, value]) => value !== undefined)
  // what belongs to a table stands before the first table below it
  const lines = entries.flatMap(([key, value]) => (isTable(value) || isTables(value) ? [] : [line(key, value)]))
  const own = lines.map((text) => `${text}\n`).join('')
  const below = entries.flatMap(([key, value]) => {
    const at = [...path, keyOf(key)]
    if (isTables(value)) return value.map((item) => `[[${at.join('.')}]]\n${toml(item, at)}`)
    return isTable(value) ? [`[${at.join('.')}]\n${toml(value, at)}`] : []
  })
  return [own, ...below].join('')
}

const line = (key: string, value: Toml[string]) => `${keyOf(key)} = ${written(value)}`

const keyOf = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key))

const written = (value: Toml[string]): string => {
  if (Array.isArray(value)) return `[${value.map((item) => written(item)).join(', ')}]`
  return typeof value === 'string' ? quoted(value) : String(value)
}

const isTable = (value: Toml[string]): value is Toml => typeof value === 'object' && !Array.isArray(value)
const isTables = (value: Toml[string]): value is Toml[] => Array.isArray(value) && typeof value[0] === 'object'
