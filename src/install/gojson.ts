/**
 * JSON as Helm's `toPrettyJson` writes it: keys in their order, two spaces, and what HTML reads as a sequence of \u. So
 * chart and `agentjob install` have the same text, and its checksum.
 */
export const goJson = (value: unknown): string =>
  JSON.stringify(sorted(value), null, 2).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]))
}
