import { expect, test } from 'bun:test'
import { kinds } from '../../src/api/kinds.ts'
import { Settings } from '../../src/expand/settings.ts'
import { cases, documentsOf, outcomeOf } from './case.ts'
import { leavesOf, pathsIn } from './fields.ts'

/** Every field that an accepted case sets, as `KIND spec.field`. */
async function fieldsSet(): Promise<Set<string>> {
  const set = new Set<string>()
  for (const name of await cases()) {
    const documents = await documentsOf(name)
    if ('errors' in outcomeOf(documents)) continue
    for (const { kind, spec } of documents) for (const path of pathsIn(spec, 'spec')) set.add(`${kind} ${path}`)
  }
  return set
}

const set = await fieldsSet()

for (const { kind, spec } of [...kinds, { kind: 'Settings', spec: Settings }])
  test(`every field of ${kind} is set by an accepted golden case`, () => {
    const fields = leavesOf(spec, 'spec').map((path) => `${kind} ${path}`)
    expect(fields.filter((field) => !set.has(field))).toEqual([])
  })
