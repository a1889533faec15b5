import fc from 'fast-check'
import { kindOf } from '../../src/api/kinds.ts'
import { breaksOf } from './breaks.ts'
import { changed, toJson } from './json.ts'
import { objects, type SoundObject } from './objects.ts'
import { placesOf } from './places.ts'
import { reviewOf } from './review.ts'
import { ruleBreaksOf } from './rulebreaks.ts'
import type { Break, Want } from './want.ts'

/** An AdmissionReview that something is wrong with, as a body for POST /mutate. */
export interface BadReview {
  /** The kind of the object, the field and what is wrong with it. */
  what: string
  /** What a report shows. */
  given: unknown
  body: string
  want: Want
  /** Where it is sent to the real API server as well: the object alone, and what is broken in it. */
  object?: { kind: string; json: string; broken: Break }
}

const nameOf = (path: readonly PropertyKey[]) => path.map(String).join('.')

/** Everything that can be wrong with an object: its fields one by one, and the rules between them. */
const breaksIn = ({ kind, spec }: SoundObject): Break[] => [
  ...placesOf(kindOf(kind)!.spec, spec, ['spec']).flatMap(breaksOf).filter(isUnmistakable(spec)),
  ...ruleBreaksOf(kind),
]

/** A name that happens to be another item's already would be refused for that. */
const isUnmistakable =
  (spec: Record<string, unknown>) =>
  ({ value, want }: Break) =>
    !('rule' in want && typeof value === 'string' && JSON.stringify(spec).includes(JSON.stringify(value)))

/** One in so many creations goes through the real API server, too. */
const SHARE = 2

/** Objects of all kinds with one field broken, in the review of a creation, of a change or of a touch. */
export const brokenObjects: fc.Arbitrary<BadReview> = fc
  .tuple(objects, fc.nat(), fc.constantFrom('CREATE', 'CREATE', 'UPDATE', 'touch'))
  .map(([object, choice, operation]) => {
    const breaks = breaksIn(object)
    const chosen = breaks[choice % breaks.length] as Break
    const broken = changed(object, chosen.at, chosen.value) as SoundObject
    const what = `${object.kind} ${nameOf(chosen.at)}: ${chosen.what} (${operation})`
    const oldObject = operation === 'UPDATE' ? object : operation === 'touch' ? broken : null
    const review = reviewOf(broken, { operation: operation === 'CREATE' ? 'CREATE' : 'UPDATE', oldObject })
    const want: Want = operation === 'touch' && 'path' in chosen.want ? { rule: 'unchanged' } : chosen.want
    return {
      what,
      given: broken,
      body: toJson(review),
      want,
      ...(operation === 'CREATE' &&
        choice % SHARE === 0 && { object: { kind: object.kind, json: toJson(broken), broken: chosen } }),
    }
  })
