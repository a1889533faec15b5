import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { fieldPath, formatFinding } from '../../src/api/finding.ts'
import { type Fields, isFields } from '../../src/api/isfields.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { unknownFields } from '../../src/api/unknownfields.ts'
import { validate } from '../../src/api/validate.ts'
import { type Conversion, convert } from '../../src/convert/convert.ts'
import { objectsOf } from './arbitraries.ts'
import { fieldsOf } from './fields.ts'
import { GENERATIONS } from './fixtures.ts'

/*
 * Whatever is written comes out or is told of: when a field is taken out of an object, something else comes out, unless
 * the report has said that the field is not carried over.
 */

const groupOf = (generation: string) =>
  generation === 'thurkube' ? 'thurkube.thurbeen.eu' : generation < 'g4' ? 'kubetask.io' : 'kubeopencode.io'

const CONFIG_NAMES: Record<string, string> = { KubeTaskConfig: 'default', KubeOpenCodeConfig: 'cluster' }

/** An input in which everything is there that an object can have to do with, and the object last. */
function inputOf(generation: string, kind: string, object: Fields): Fields[] {
  const of = (other: string, name: string, spec: Fields): Fields => ({
    apiVersion: `${groupOf(generation)}/v1alpha1`,
    kind: other,
    metadata: { name },
    spec,
  })
  const subject = { ...of(kind, CONFIG_NAMES[kind] ?? 'subject', {}), ...object }
  if (generation === 'thurkube') return [of('AgentRuntime', 'one', { image: 'a', authEnvVar: 'A' }), subject]
  const agent = { agentImage: 'a', command: ['b'], serviceAccountName: 'one', workspaceDir: '/ws' }
  return [
    of('Agent', 'one', agent),
    of('Agent', 'default', agent),
    of('AgentTemplate', 'two-2', agent),
    of('Context', 'one', { type: 'Git', git: { repository: 'https://git.example.com/a' } }),
    of('TaskTemplate', 'one', { description: 'From a template.' }),
    of('Task', 'user', { description: 'a', taskTemplateRef: { name: 'subject' } }),
    of('CronTask', 'cron', { schedule: '@daily', taskTemplate: { spec: { description: 'a' } } }),
    subject,
  ]
}

const convertAll = (input: Fields[]): Conversion[] => convert(input, 'default')
const last = (conversions: Conversion[]) => conversions.at(-1) as Conversion

interface Leaf {
  path: string
  segments: (string | number)[]
}

/** Whatever has a value; an empty list or object has none. */
function leavesOf(value: unknown, segments: (string | number)[]): Leaf[] {
  const inner: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : isFields(value)
      ? Object.entries(value)
      : []
  if (value === null || typeof value !== 'object') return [{ path: fieldPath(segments), segments }]
  return inner.flatMap(([key, member]) => leavesOf(member, [...segments, key]))
}

function without(value: unknown, [key, ...rest]: (string | number)[]): unknown {
  if (Array.isArray(value))
    return rest.length
      ? value.map((item, index) => (index === key ? without(item, rest) : item))
      : value.filter((_, index) => index !== key)
  const entries = Object.entries(value as Fields).filter(([name]) => rest.length || name !== key)
  return Object.fromEntries(entries.map(([name, member]) => [name, name === key ? without(member, rest) : member]))
}

/** Whether the report says that a field is not carried over, or what became of its value; of an object in error it does. */
function isTold({ notes, outcome }: Conversion, { path }: Leaf): boolean {
  if (outcome === 'none' && notes.some(({ severity }) => severity === 'error')) return true
  return notes.some((note) => {
    if (note.path === path) return true
    const isAround = note.path === '' || path.startsWith(`${note.path}.`) || path.startsWith(`${note.path}[`)
    if (!isAround) return false
    // what is said of an object or of its spec speaks for what is in them only where nothing comes out
    if (['', 'spec'].includes(note.path)) return outcome === 'none'
    return note.severity !== 'note' || ['status', 'metadata'].includes(note.path)
  })
}

const errorsOf = (object: Fields): string[] => {
  const definition = kindOf(String(object.kind))
  if (!definition) return [`no kind ${object.kind}`]
  return [...validate(definition, object).errors, ...unknownFields(definition, object)].map(formatFinding)
}

const RUNS = 60

for (const generation of GENERATIONS)
  describe(generation, () => {
    for (const kind of fieldsOf(generation).keys())
      test(`${kind}: every field comes out or is told of; what comes out is valid`, () => {
        let converted = 0
        fc.assert(
          fc.property(objectsOf(generation, kind), (object) => {
            const input = inputOf(generation, kind, object)
            const conversions = convertAll(input)
            const subject = last(conversions)
            if (subject.outcome === 'converted') converted++
            expect(subject.objects.flatMap(errorsOf)).toEqual([])
            const come = JSON.stringify(conversions.map(({ objects }) => objects))
            const lost = leavesOf(object, []).filter((leaf) => {
              if (isTold(subject, leaf)) return false
              const less = convertAll([...input.slice(0, -1), without(input.at(-1), leaf.segments) as Fields])
              return JSON.stringify(less.map(({ objects }) => objects)) === come
            })
            expect(lost.map(({ path }) => path)).toEqual([])
          }),
          { numRuns: RUNS },
        )
        // what is refused as a whole proves little
        if (last(convertAll(inputOf(generation, kind, {}))).outcome !== 'none' || converted)
          expect(converted).toBeGreaterThan(RUNS / 10)
      })
  })

describe('whatever the input is, there is an answer for each object', () => {
  const groups = ['thurkube.thurbeen.eu', 'kubetask.io', 'kubeopencode.io', 'agentjob.io', 'example.com']
  const kinds = GENERATIONS.flatMap((generation) => [...fieldsOf(generation).keys()])
  const key = fc.constantFrom(
    'spec',
    'metadata',
    'name',
    'contexts',
    'type',
    'toString',
    '__proto__',
    'constructor',
    'inline',
    'agentRef',
    'labels',
    'status',
    '',
  )
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, '', 'Git', 0, -1, 1e21, true, '__proto__'),
      fc.string(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).value
  const header = fc.record({
    apiVersion: fc.oneof(
      fc.constantFrom(...groups).map((group) => `${group}/v1alpha1`),
      anything,
    ),
    kind: fc.oneof(fc.constantFrom(...kinds), anything),
  })

  test('objects of no form at all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(header, fc.dictionary(key, anything)), { maxLength: 4 }), (list) => {
        const input = list.map(([head, rest]) => ({ ...rest, ...head }) as Fields)
        const conversions = convertAll(input)
        expect(conversions).toHaveLength(input.length)
        for (const { outcome, notes, objects } of conversions) {
          if (outcome !== 'passed') expect(objects.flatMap(errorsOf)).toEqual([])
          if (!objects.length) expect(notes).not.toEqual([])
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('objects with something broken in them', () => {
    const broken = fc.constantFrom(...GENERATIONS).chain((generation) =>
      fc.constantFrom(...fieldsOf(generation).keys()).chain((kind) =>
        fc.tuple(objectsOf(generation, kind), fc.nat(), anything).map(([object, at, value]) => {
          const leaves = leavesOf(object, [])
          const { segments } = leaves[at % leaves.length] ?? { segments: [] }
          const cut = segments.slice(0, 1 + (at % Math.max(1, segments.length)))
          return inputOf(generation, kind, replaced(object, cut, value) as Fields)
        }),
      ),
    )
    fc.assert(
      fc.property(broken, (input) => {
        const conversions = convertAll(input)
        expect(conversions.flatMap(({ objects }) => objects).flatMap(errorsOf)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

function replaced(value: unknown, [key, ...rest]: (string | number)[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item, rest, by) : item))
  if (!isFields(value)) return by
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? replaced(member, rest, by) : member]),
  )
}

test('the same input gives the same, and the order is that of the input', () => {
  const spec = { description: 'a' }
  const input = ['b', 'a', 'c'].map((name) => ({
    apiVersion: 'kubetask.io/v1alpha1',
    kind: 'Task',
    metadata: { name },
    spec,
  }))
  expect(convertAll(input)).toEqual(convertAll(structuredClone(input)))
  const names = convertAll(input).map(({ objects }) => objects[0]?.metadata)
  expect(names).toEqual([{ name: 'b' }, { name: 'a' }, { name: 'c' }])
})
