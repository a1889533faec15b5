/** What a stand-in does not take: it ends with 64 (EX_USAGE) and says why. */
export class Refusal extends Error {}

export function refuse(message) {
  throw new Refusal(message)
}

/**
 * Reads arguments by a table of flags: `switch` stands alone, `value` takes one, `values` all up to the next flag.
 * `--flag=value` is a value, too. What is left are the positionals.
 */
export function parseFlags(argv, table) {
  const flags = {}
  const positionals = []
  const rest = [...argv]
  while (rest.length) {
    const word = rest.shift()
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word)
      continue
    }
    const [name, inline] = word.startsWith('--') && word.includes('=') ? split(word) : [word]
    const kind = Object.hasOwn(table, name) ? table[name] : refuse(`there is no flag ${name}`)
    if (Object.hasOwn(flags, name)) refuse(`${name} is there twice`)
    if (kind === 'switch') flags[name] = inline === undefined ? true : refuse(`${name} takes no value`)
    else if (kind === 'value') flags[name] = inline ?? rest.shift() ?? refuse(`${name} needs a value`)
    else {
      flags[name] = [inline ?? rest.shift() ?? refuse(`${name} needs a value`)]
      while (rest.length && !rest[0].startsWith('-')) flags[name].push(rest.shift())
    }
  }
  return { flags, positionals }
}

const split = (word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]

/** An object that has these members and no others; what stands in `needed` has to be there. */
export function membersOf(value, what, known, needed = []) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) refuse(`${what} is no object`)
  for (const key of Object.keys(value)) if (!known.includes(key)) refuse(`${what} has ${key}, which nobody knows`)
  for (const key of needed) if (!Object.hasOwn(value, key)) refuse(`${what} has no ${key}`)
  return value
}

/** A list of texts, or none. */
export function textsOf(value = [], what) {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) refuse(`${what} is no list of texts`)
  return value
}

/** An object whose members are texts, each changed. */
export function changed(value = {}, what, change = (text) => text) {
  const entries = Object.entries(membersOf(value, what, Object.keys(value)))
  for (const [key, text] of entries) if (typeof text !== 'string') refuse(`${what}.${key} is no text`)
  return Object.fromEntries(entries.map(([key, text]) => [key, change(text)]))
}

/** Of these variables one has to be set, as the key for the model. */
export function needsKey(env, ...names) {
  if (!names.some((name) => env[name])) refuse(`none of ${names.join(', ')} is set`)
}

/** Objects as JSON, each on a line of its own. */
export const lines = (...objects) => objects.map((object) => `${JSON.stringify(object)}\n`).join('')
