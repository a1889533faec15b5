import { expect, test } from 'bun:test'
import { parseManifests } from './manifests.ts'

const readValue = (yaml: string) => parseManifests('f', `v: ${yaml}\n`).manifests[0]?.object.v

// what sigs.k8s.io/yaml 1.6 makes of them
const scalars: { given: string; want: unknown }[] = [
  { given: 'yes', want: true },
  { given: 'n', want: false },
  { given: 'Off', want: false },
  { given: '"yes"', want: 'yes' },
  { given: '0777', want: 511 },
  { given: '1_000', want: 1000 },
  { given: '0x1F', want: 31 },
  { given: '1:30', want: '1:30' },
  { given: '12:30:45', want: '12:30:45' },
  { given: '2001-12-14', want: '2001-12-14' },
  { given: '~', want: null },
  { given: '1e3', want: 1000 },
  { given: '=', want: '=' },
]
test.each(scalars)('$given is what kubectl sends', ({ given, want }) => {
  expect(readValue(given)).toEqual(want)
})

const objects: { name: string; given: string; want: Record<string, unknown>[] }[] = [
  {
    name: 'several documents, empty ones among them',
    given: '---\n# none\n---\na: 1\n---\n---\na: 2\n',
    want: [{ a: 1 }, { a: 2 }],
  },
  { name: 'JSON with tabs', given: '{\n\t"a": [\n\t\t1\n\t]\n}\n', want: [{ a: [1] }] },
  { name: 'a list', given: 'kind: List\nitems: [{a: 1}, {a: 2}]', want: [{ a: 1 }, { a: 2 }] },
  {
    name: 'a list of one kind, whose items need not name it',
    given: 'apiVersion: agentjob.io/v1alpha1\nkind: AgentJobList\nitems: [{a: 1}]',
    want: [{ apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', a: 1 }],
  },
  {
    name: 'anchors and merge keys',
    given: 'a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}',
    want: [{ a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } }],
  },
  { name: 'several merge keys', given: 'x: &x {a: 1}\ny: &y {b: 2}\nz: {<<: *x, <<: *y}', want: [expect.anything()] },
  { name: 'an empty list, as it is printed where nothing was found', given: 'kind: List\nitems: null', want: [] },
  { name: 'Windows line ends', given: 'a: 1\r\n---\r\na: 2\r\n', want: [{ a: 1 }, { a: 2 }] },
  { name: 'nothing', given: '', want: [] },
  {
    name: 'a key like a prototype',
    given: '__proto__: {a: 1}\nkind: x',
    want: [JSON.parse('{"__proto__": {"a": 1}, "kind": "x"}')],
  },
]
test.each(objects)('$name', ({ given, want }) => {
  const { manifests, errors, broken } = parseManifests('f', given)
  expect({ objects: manifests.map(({ object }) => object), errors, broken }).toEqual({
    objects: want,
    errors: [],
    broken: 0,
  })
})

const wrong: { name: string; given: string; line: number; column: number; message: string; broken?: number }[] = [
  { name: 'an open bracket', given: 'a: [1\nb: 2\n', line: 2, column: 1, message: 'Flow sequence in block collection' },
  {
    name: 'an asterisk without quotes',
    given: 'schedule: * * * * *\n',
    line: 1,
    column: 11,
    message: 'a text that begins with * must be in quotes',
  },
  { name: 'an @ without quotes', given: 'a: @daily\n', line: 1, column: 4, message: 'begins with @ must be in quotes' },
  {
    name: 'a colon without quotes',
    given: 'prompt: Note: mend it\n',
    line: 1,
    column: 9,
    message: 'a text with ": " in it must be in quotes',
  },
  { name: 'a tab', given: 'a:\n\tb: 1\n', line: 2, column: 1, message: 'Tabs are not allowed' },
  {
    name: 'a key that stands twice',
    given: 'a: 1\n"b c": 1\na: 2\n',
    line: 3,
    column: 1,
    message: 'the key a stands here twice',
    broken: 0,
  },
  {
    name: 'what refers to itself',
    given: 'a: &x\n  b: *x\n',
    line: 2,
    column: 6,
    message: '*x stands inside of what it refers to',
  },
  {
    name: 'the same over a detour',
    given: 'a: &x\n  b: &y [*x]\n  c: *y\n',
    line: 2,
    column: 10,
    message: '*x stands inside',
  },
  {
    name: 'an anchor that is not there',
    given: 'a: *x\n',
    line: 1,
    column: 4,
    message: 'there is no anchor &x before this',
  },
  { name: 'a tag of nobody', given: 'a: !secret x\n', line: 1, column: 4, message: 'Unresolved tag: !secret' },
  { name: 'a map as a key', given: '? {a: 1}\n: b\n', line: 1, column: 3, message: 'a key must be a string' },
  {
    name: 'a template',
    given: 'a: {{ .Values.x }}\n',
    line: 1,
    column: 5,
    message: 'a key must be a string (a template?',
  },
  {
    name: 'a list of lists',
    given: '- a\n',
    line: 1,
    column: 1,
    message: 'must be an object with apiVersion, kind and metadata, not a list',
  },
  { name: 'a text', given: '---\nhello\n', line: 2, column: 1, message: 'not a string' },
  { name: 'a text in a list', given: 'kind: List\nitems:\n  - a\n', line: 3, column: 5, message: 'not a string' },
  { name: 'the second document', given: 'a: 1\n---\na: "x\n', line: 4, column: 1, message: 'Missing closing "quote' },
]
test.each(wrong)('$name', ({ given, line, column, message, broken = 1 }) => {
  const parsed = parseManifests('f', given)
  expect(parsed.errors).toMatchObject([{ file: 'f', line, column, message: expect.stringContaining(message) }])
  expect(parsed.broken).toBe(broken)
})

test('aliases that grow without end are refused, not followed', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
  )
  const { errors, broken } = parseManifests('f', `l0: &l0 x\n${levels.join('\n')}\n`)
  expect(errors).toMatchObject([{ message: expect.stringContaining('Excessive alias count') }])
  expect(broken).toBe(1)
})

test('a field of a list item has its own place', () => {
  const { manifests } = parseManifests('f', 'kind: List\nitems:\n  - kind: A\n  - kind: B\n    spec: {prompt: 1}\n')
  expect(manifests[1]?.positionOf('spec.prompt')).toEqual({ file: 'f', line: 5, column: 12 })
})

const monsters: { name: string; given: string; want: string }[] = [
  { name: 'lists in lists', given: `a: ${'['.repeat(100_000)}`, want: 'is nested too deep' },
  { name: 'maps in maps', given: '{"a":'.repeat(100_000), want: 'is nested too deep' },
  {
    name: 'blocks in blocks',
    given: Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
    want: 'is nested too deep',
  },
  { name: 'dashes', given: '- '.repeat(100_000), want: 'is nested too deep' },
  { name: 'keys of keys', given: '? '.repeat(100_000), want: 'is nested too deep' },
  { name: 'the same key over and over', given: 'a: 1\n'.repeat(20_000), want: 'the key a stands here twice' },
]
test.each(monsters)('$name: told once, and soon', ({ given, want }) => {
  const started = performance.now()
  const { errors } = parseManifests('f', given)
  expect(errors[0]?.message).toContain(want)
  expect(errors.length).toBeLessThanOrEqual(20)
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('many keys of one map do not take the square of their number', () => {
  const started = performance.now()
  const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('')
  expect(Object.keys(parseManifests('f', text).manifests[0]?.object ?? {})).toHaveLength(20_000)
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('what comes before a text that is nested too deep is read', () => {
  const { manifests, errors, broken } = parseManifests('f', `a: 1\n---\nb: ${'['.repeat(1000)}`)
  expect(manifests.map(({ object }) => object)).toEqual([{ a: 1 }])
  expect(errors).toMatchObject([{ line: 3, column: 203 }])
  expect(broken).toBe(1)
})
