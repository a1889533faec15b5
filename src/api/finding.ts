/** Something that is to be said of a field: an error or a warning. */
export interface Finding {
  /** `spec.mcpServerRefs[2]`; empty where it is the object as a whole. */
  path: string
  /** What is wrong, and what would be right. */
  message: string
}

/** Everything found in one object. */
export interface Findings {
  errors: Finding[]
  warnings: Finding[]
}

/** `spec.schedule: has 6 fields; …`, the same text from the webhook, the command line and the status. */
export const formatFinding = (finding: Finding): string =>
  finding.path ? `${finding.path}: ${finding.message}` : finding.message

/**
 * `spec`, `env`, 2, `name` → `spec.env[2].name`; keys that are no plain words are quoted: `labels["a.b/c"]`. With
 * `below`, the path of a field below that one.
 */
export function fieldPath(segments: readonly PropertyKey[], below = ''): string {
  let path = below
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`
    else if (/^[A-Za-z0-9_-]+$/.test(String(segment))) path += `${path ? '.' : ''}${String(segment)}`
    else path += `[${JSON.stringify(String(segment))}]`
  }
  return path
}

/** `spec.env[2].name`, `labels["a.b/c"]` → their segments; the inverse of fieldPath(). */
export function parseFieldPath(path: string): (string | number)[] {
  const segments: (string | number)[] = []
  for (const [, index, quoted, word] of path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.[]+)/g)) {
    if (index !== undefined) segments.push(Number(index))
    else segments.push(quoted === undefined ? (word as string) : (JSON.parse(quoted) as string))
  }
  return segments
}

/** A value as a message shows it: short, and never a secret's length of text. */
export const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)
