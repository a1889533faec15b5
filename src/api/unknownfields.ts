import type { z } from 'zod'
import { type Finding, fieldPath } from './finding.ts'
import type { KindDefinition } from './kind.ts'

const OF_OBJECT = ['apiVersion', 'kind', 'metadata', 'spec', 'status', 'expansion']
const MISPLACED = 'unknown field; it belongs below spec'

/**
 * Fields that no schema knows, each with the nearest one that is known. The API server prunes them (kubectl refuses
 * them); offline they are what a typo looks like.
 */
export function unknownFields(definition: KindDefinition, object: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  for (const key of Object.keys(object))
    if (Object.hasOwn(definition.spec.shape, key)) findings.push({ path: fieldPath([key]), message: MISPLACED })
    else if (!OF_OBJECT.includes(key)) findings.push(unknown([key], OF_OBJECT))
  walk(definition.spec, object.spec, ['spec'], findings)
  return findings
}

interface Def {
  innerType?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
}

function walk(schema: z.ZodType, value: unknown, path: PropertyKey[], findings: Finding[]): void {
  const def = schema._zod.def as unknown as Def
  if (def.innerType) walk(def.innerType, value, path, findings)
  else if (def.element && Array.isArray(value))
    for (const [index, item] of value.entries()) walk(def.element, item, [...path, index], findings)
  else if (def.shape && value !== null && typeof value === 'object' && !Array.isArray(value))
    for (const [key, member] of Object.entries(value)) {
      const memberSchema = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined
      if (memberSchema) walk(memberSchema, member, [...path, key], findings)
      else findings.push(unknown([...path, key], Object.keys(def.shape)))
    }
}

function unknown(path: PropertyKey[], known: string[]): Finding {
  const key = String(path.at(-1))
  const near = nearest(key, known) ?? beginning(key, known)
  return {
    path: fieldPath(path),
    message: near ? `unknown field; did you mean ${near}?` : `unknown field; known here: ${known.join(', ')}`,
  }
}

/** The one word that begins with another one: `timeout` → `timeoutSeconds`. */
function beginning(start: string, words: string[]): string | undefined {
  const [found, ...others] = words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()))
  return others.length ? undefined : found
}

/** The word that takes the fewest edits to get to, if they are few. */
export function nearest(word: string, words: string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of words) {
    // each letter more or less is an edit
    if (Math.abs(candidate.length - word.length) >= least) continue
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    if (edits < least) [best, least] = [candidate, edits]
  }
  return best
}

/** Levenshtein distance, in which two neighbours that changed places count as one edit. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (same ? 0 : 1),
          swapped ? (before[j - 2] as number) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = row
    row = next
  }
  return row[b.length] as number
}
