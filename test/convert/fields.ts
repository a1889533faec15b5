import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * The fields of the foreign kinds, by generation, as their CustomResourceDefinitions have them: a kind a line, and below
 * it each field with its type and, where they are told, its values. Objects and lists of them are said by what is in them.
 */

export interface ForeignField {
  /** `spec.contexts[].git.depth` */
  path: string
  /** `string`, `integer`, `boolean`, `[]string`, `map[string]string`, `object`, `[]object`, `any` */
  type: string
  /** A type of Kubernetes' own stands behind it. */
  native: boolean
  values?: string[]
}

/** The fields of every kind of a generation. */
export function fieldsOf(generation: string): Map<string, ForeignField[]> {
  const kinds = new Map<string, ForeignField[]>()
  let fields: ForeignField[] = []
  for (const line of readFileSync(join(import.meta.dirname, 'fields', `${generation}.txt`), 'utf8').split('\n')) {
    const [, path, type, ...more] = /^ {2}(\S+) (\S+)(?: (\S+))?(?: (\S+))?$/.exec(line) ?? []
    if (path && type) {
      const values = more.find((word) => word?.includes('|'))?.split('|')
      fields.push({ path, type, native: more.includes('native'), values })
    } else if (line !== '') {
      fields = []
      kinds.set(line, fields)
    }
  }
  return kinds
}
