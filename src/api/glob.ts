/** What stands for itself: all of ASCII but spaces, stars, slashes, and the brackets that mean something in other globs. */
const LETTERS = String.raw`[!-)+-.0-Z\\^-z|~]+`
/** A component of a pattern: `**`, or letters with single stars among them. RE2 takes it, and it backtracks nowhere. */
const COMPONENT = String.raw`(\*\*|\*|\*?${LETTERS}(\*${LETTERS})*\*?)`

/** What a pattern looks like. */
export const GLOB = new RegExp(`^${COMPONENT}(/${COMPONENT})*$`)

/**
 * Whether a text, components separated by `/`, is one that a pattern stands for. `*` stands for any characters of one
 * component, or none, and never for a `/`; `**`, which is a component by itself, for one or more of them. Everything else
 * stands for itself. Takes no longer than pattern times text.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const components = text.split('/')
  let reached = new Set([0])
  for (const part of pattern.split('/')) {
    const from = [...reached].filter((index) => index < components.length)
    const first = Math.min(...from)
    reached = new Set(
      part === '**'
        ? components.map((_, index) => index + 1).filter((index) => index > first)
        : from.filter((index) => matchesComponent(part, components[index] as string)).map((index) => index + 1),
    )
  }
  return reached.has(components.length)
}

function matchesComponent(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  const end = text.length - last.length
  for (const piece of rest) {
    const found = text.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
