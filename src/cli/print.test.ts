import { expect, test } from 'bun:test'
import { parseManifests } from './manifests.ts'
import { toYaml } from './print.ts'

/** The text of each as kubectl's parser has to see it, lest it reads something else. */
const texts: { given: string; want: string }[] = [
  { given: 'yes', want: '"yes"' },
  { given: 'n', want: '"n"' },
  { given: '0777', want: '"0777"' },
  { given: '0o14', want: '"0o14"' },
  { given: '1:30', want: '"1:30"' },
  { given: '2001-12-14', want: '"2001-12-14"' },
  { given: '1_000', want: '"1_000"' },
  { given: '~', want: '"~"' },
  { given: '', want: '""' },
  { given: '\u0085next', want: '"\\u0085next"' },
  { given: 'a\u2028b', want: '"a\\u2028b"' },
  { given: 'a\rb', want: '"a\\rb"' },
  { given: '\u0007bell', want: '"\\u0007bell"' },
  { given: '\ttab\nline', want: '"\\ttab\\nline"' },
  { given: 'line\n\ttab', want: '"line\\n\\ttab"' },
  { given: 'a: b', want: '"a: b"' },
  { given: 'x'.repeat(300), want: 'x'.repeat(300) },
  { given: 'two\nlines', want: '|-\n  two\n  lines' },
]
test.each(texts)('%j', ({ given, want }) => {
  expect(toYaml({ key: given })).toBe(`key: ${want}\n`)
})

test('everything that is printed is read back', () => {
  const shared = { a: 1 }
  const value = {
    texts: texts.map(({ given }) => given),
    yes: 'a key',
    one: shared,
    two: shared,
    none: null,
    half: 0.5,
  }
  const { manifests, errors } = parseManifests('f', toYaml(value))
  expect({ object: manifests[0]?.object, errors }).toEqual({ object: value, errors: [] })
  expect(toYaml(value)).not.toContain('&')
})
