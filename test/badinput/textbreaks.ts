import { Raw } from './json.ts'
import type { Place } from './places.ts'
import { type Break, refusal } from './want.ts'

const LONG = 3_000_000

const TEXTS: [string, string | Raw][] = [
  ['an empty text', ''],
  ['spaces', '  '],
  ['a space at its end', 'name '],
  ['a newline at its end', 'name\n'],
  ['capitals', 'Name'],
  ['NUL', 'a\0b'],
  ['control characters', 'a\u0007\u001b[2J\u0085'],
  ['text that runs backwards', '\u202Eemoc\u202C'],
  ['combining characters', `e${'\u0301'.repeat(200)}`],
  ['half a character', new Raw('"a\\ud800b"')],
  ['emoji and CJK', '💥名前'],
  ['a path', '../../etc/passwd'],
  ['markup and quotes', '"\'`$(id)<b>{{.}}%s%n'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['NaN', 'NaN'],
  ['a long word', 'x'.repeat(300)],
]

/** Texts with a grammar that no schema says. */
const GRAMMARS = ['schedule', 'timezone']

/** Texts of every kind in the place of a text: some of them it takes. */
export function textBreaks({ path, schema, definition, value: present }: Place): Break[] {
  const { minimum = 0, maximum } = definition
  const breaks = TEXTS.map(([what, value]): Break => {
    const text = value instanceof Raw ? (JSON.parse(value.text) as string) : value
    const short = text.length < minimum ? /^must not be empty$/ : undefined
    const long = maximum !== undefined && text.length > maximum ? atMost(maximum) : undefined
    const taken = schema.safeParse(text).success && !GRAMMARS.includes(String(path.at(-1)))
    return { what, at: path, value, want: taken ? { rule: 'text' } : refusal(path, short ?? long ?? /^(must|has|is) /) }
  })
  // where there was nothing, a text that is taken may not go with the rest
  const sure = present === undefined ? breaks.filter(({ want }) => 'path' in want) : breaks
  if (maximum === undefined) return sure
  const tooLong = [
    new Raw(JSON.stringify('x'.repeat(maximum + 1)), `"x" × ${maximum + 1}`),
    ...['1', 'a.', '/a'].map((text) => new Raw(JSON.stringify(text.repeat(LONG / 2)), `"${text}" × ${LONG / 2}`)),
  ]
  for (const value of tooLong)
    sure.push({ what: 'too long a text', at: path, value, want: refusal(path, atMost(maximum)) })
  return sure
}

const atMost = (maximum: number) => new RegExp(`^must have at most ${maximum} characters$`)

/** Numbers in the place of a number, and what looks like one. */
export function numberBreaks({ path, definition }: Place): Break[] {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = definition
  const list: [string, unknown, RegExp][] = [
    ['too small', minimum - 1, new RegExp(`^must be at least ${minimum}$`)],
    ['far too small', -(2 ** 31), new RegExp(`^must be at least ${minimum}$`)],
    ['too large', maximum + 1, new RegExp(`^must be at most ${maximum}$`)],
    ['larger than any', 1e308, /^must be (at most|a whole number)/],
    ['a fraction', minimum + 0.5, /^must be a whole number, not /],
    ['a number in quotes', String(minimum), /^must be a whole number, not .*; leave out the quotes$/],
    ['a duration', '1h', /^must be a whole number, not "1h"/],
    ['not a number', 'NaN', /^must be a whole number, not /],
  ]
  return list.map(([what, value, right]) => ({ what, at: path, value, want: refusal(path, right) }))
}
