/** A JSON object, of whatever a user wrote. */
export type Fields = Record<string, unknown>

/** Whether a value is a JSON object: neither a list nor null. */
export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
