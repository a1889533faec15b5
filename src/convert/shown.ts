import { shortened } from '../api/finding.ts'

/** A value of whatever type as a word of a message, or as a key: a string as it is, everything else as JSON. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : shortened(JSON.stringify(value) ?? 'nothing')
