import { describe, expect, test } from 'bun:test'
import { kindOf } from '../../src/api/kinds.ts'
import { schemaAt } from '../../src/api/shapes.ts'
import { peers } from '../../src/convert/convert.ts'
import type { Fate } from '../../src/convert/fates.ts'
import type { ForeignKind } from '../../src/convert/foreign.ts'
import { fieldsOf } from './fields.ts'
import { GENERATIONS } from './fixtures.ts'

/* The tables that say what becomes of each field, against the fields that there are on both sides. */

const foreignKinds = peers.flatMap(({ kinds }) => kinds)
const isCarriedAsAWhole = ({ fates }: ForeignKind) => Object.keys(fates).length === 0

/** The row that speaks for a field: its own, or one around it. */
function rowOf({ fates }: ForeignKind, path: string): Fate | undefined {
  const parts = path.split('.')
  const around = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
  const found = around.flatMap((one) => [one, one.replace(/\[\]$/, '')]).find((one) => Object.hasOwn(fates, one))
  return found === undefined ? undefined : fates[found]
}

describe('every field of theirs has a row', () => {
  for (const generation of GENERATIONS)
    test(generation, () => {
      const peer = generation === 'thurkube' ? 'thurkube' : 'KubeTask'
      const known = peers.find(({ name }) => name === peer)?.kinds ?? []
      const without = [...fieldsOf(generation)].flatMap(([kind, fields]) => {
        const foreign = known.find((one) => one.kind === kind)
        if (!foreign) return [kind]
        if (isCarriedAsAWhole(foreign)) return []
        return fields.flatMap(({ path }) => (rowOf(foreign, path) ? [] : [`${kind} ${path}`]))
      })
      expect(without).toEqual([])
    })
})

/** Whether one of our kinds has a field; of metadata and the like every one has. */
function isOurs(to: string, becomes: string | undefined): boolean {
  const [kind, path] = to.includes(' ') ? to.split(' ') : [becomes, to]
  if (!path?.startsWith('spec')) return true
  const segments = path
    .split('.')
    .slice(1)
    .flatMap((key) => (key.endsWith('[]') ? [key.slice(0, -2), 0] : [key]))
  const definition = kindOf(kind ?? '')
  return definition !== undefined && schemaAt(definition.spec, segments) !== undefined
}

describe('what a row says is a field of ours is one', () => {
  for (const { kind, becomes, fates } of foreignKinds)
    if (becomes)
      test(kind, () => {
        const rows = Object.entries(fates).filter(([, fate]) => 'to' in fate && !isOurs(fate.to, becomes))
        expect(rows.map(([path]) => path)).toEqual([])
      })
})
