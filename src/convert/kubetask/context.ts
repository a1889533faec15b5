import { below, type Fates } from '../fates.ts'
import type { ForeignKind } from '../foreign.ts'
import { METADATA, OF_CONTROLLER, ours } from '../metadata.ts'
import { SOURCE } from './contextfates.ts'
import { OWN_KEYS } from './group.ts'
import { sourceOf } from './source.ts'

const CONTEXT: Fates = { ...METADATA, ...below('spec', SOURCE), status: { left: OF_CONTROLLER } }

/** A Context stays one; of a type that there is not, nothing is made. */
export const context: ForeignKind = {
  kind: 'Context',
  becomes: 'Context',
  fates: CONTEXT,
  make(object) {
    const spec = object.inside('spec')
    const source = spec && sourceOf(spec)
    if (spec && !source) {
      for (const key of ['apiVersion', 'kind', 'metadata', 'status']) object.take(key)
      return []
    }
    return [ours('Context', object, source && spec.made(source), OWN_KEYS)]
  },
}
