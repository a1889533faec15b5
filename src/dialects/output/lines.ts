import { type Fields, isFields } from '../../api/isfields.ts'

/** The JSON objects that stand on lines of their own, in their order; everything else is left out. */
export const jsonLines = (tail: string): Fields[] => tail.split('\n').flatMap(objectIn)

function objectIn(line: string): Fields[] {
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) ? [value] : []
  } catch {
    // cut, or no JSON, or nested more deeply than a stack holds
    return []
  }
}

/** A member that is an object; one without members where there is none. */
export const fieldsAt = (fields: Fields, key: string): Fields => {
  const value = fields[key]
  return isFields(value) ? value : {}
}

/** A member that is a list; an empty one where there is none. */
export const listAt = (fields: Fields, key: string): unknown[] => {
  const value = fields[key]
  return Array.isArray(value) ? value : []
}

/** A member that is a text. */
export const textAt = (fields: Fields, key: string): string | undefined => {
  const value = fields[key]
  return typeof value === 'string' ? value : undefined
}

/** A member that is a count: whole and not below 0. */
export const countAt = (fields: Fields, key: string): number | undefined => {
  const value = fields[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A member that is an amount, as a decimal without an exponent. */
export const amountAt = (fields: Fields, key: string): string | undefined => decimal(fields[key])

/** A number as a decimal without an exponent, of at most 10 places; undefined where it is no amount. */
export const decimal = (value: unknown): string | undefined =>
  typeof value === 'number' && value >= 0 && value < 1e15 ? value.toFixed(10).replace(/\.?0+$/, '') : undefined

/** `total` without the parts that are in it, and not below 0; undefined where there is no total. */
export const less = (total: number | undefined, ...parts: (number | undefined)[]): number | undefined =>
  total === undefined
    ? undefined
    : Math.max(
        0,
        parts.reduce<number>((rest, part) => rest - (part ?? 0), total),
      )
