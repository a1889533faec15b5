import { describe, expect, test } from 'bun:test'
import { agentJob } from './agentjob.ts'
import { formatFinding } from './finding.ts'
import { API_VERSION } from './kind.ts'
import { validate } from './validate.ts'

const LEAST = { prompt: 'x', runtimeRef: 'echo' }
const object = (spec: unknown, more: object = {}) => ({
  apiVersion: API_VERSION,
  kind: 'AgentJob',
  metadata: { name: 'hello' },
  spec,
  ...more,
})
const errorsOf = (object: unknown) => validate(agentJob, object).errors.map(formatFinding)

const specs: { name: string; given: unknown; want: string[] }[] = [
  { name: 'the least there is', given: LEAST, want: [] },
  { name: 'no spec', given: undefined, want: ['spec: is required'] },
  { name: 'a list for a spec', given: [], want: ['spec: must be an object (prompt, runtimeRef, …), not a list'] },
  { name: 'required fields', given: {}, want: ['spec.prompt: is required', 'spec.runtimeRef: is required'] },
  { name: 'an empty text', given: { ...LEAST, prompt: '' }, want: ['spec.prompt: must not be empty'] },
  {
    name: 'too long a text',
    given: { ...LEAST, model: 'x'.repeat(256) },
    want: ['spec.model: must have at most 255 characters'],
  },
  {
    name: 'a text for a number',
    given: { ...LEAST, timeoutSeconds: '60' },
    want: ['spec.timeoutSeconds: must be a whole number, not "60"; leave out the quotes'],
  },
  {
    name: 'a duration for seconds',
    given: { ...LEAST, timeoutSeconds: '2h', backoffLimit: '2h' },
    want: [
      'spec.timeoutSeconds: must be a whole number, not "2h"; 2h is 7200 seconds',
      'spec.backoffLimit: must be a whole number, not "2h"',
    ],
  },
  {
    name: 'a boolean in quotes',
    given: { ...LEAST, persist: 'true' },
    want: ['spec.persist: must be true or false, not "true"; leave out the quotes'],
  },
  {
    name: 'what YAML makes of words and numbers',
    given: { ...LEAST, prompt: true, model: 4 },
    want: [
      'spec.prompt: must be a string, not true; put it in quotes',
      'spec.model: must be a string, not 4; put it in quotes',
    ],
  },
  {
    name: 'an object for a name',
    given: { ...LEAST, runtimeRef: { name: 'echo' }, authRef: { name: 'a', key: 'b' } },
    want: [
      'spec.runtimeRef: must be a string, not an object; write "echo" alone',
      'spec.authRef: must be a string, not an object',
    ],
  },
  {
    name: 'a map for a list',
    given: { ...LEAST, env: { A: 'x' } },
    want: ['spec.env: must be a list of objects (name, value, valueFrom), not an object'],
  },
  {
    name: 'half a processor',
    given: { ...LEAST, resources: { limits: { cpu: 0.5 } } },
    want: [
      'spec.resources.limits.cpu: must be a whole number or a string such as 500m or 1Gi, not 0.5; put it in quotes',
    ],
  },
  {
    name: 'half a number',
    given: { ...LEAST, timeoutSeconds: 1.5 },
    want: ['spec.timeoutSeconds: must be a whole number, not 1.5'],
  },
  { name: 'too small', given: { ...LEAST, timeoutSeconds: 0 }, want: ['spec.timeoutSeconds: must be at least 1'] },
  { name: 'too large', given: { ...LEAST, backoffLimit: 101 }, want: ['spec.backoffLimit: must be at most 100'] },
  {
    name: 'a text for a boolean',
    given: { ...LEAST, suspend: 'yes' },
    want: ['spec.suspend: must be true or false, not "yes"'],
  },
  {
    name: 'a text for a list',
    given: { ...LEAST, skillRefs: 'review' },
    want: ['spec.skillRefs: must be a list of strings, not "review"; a list is written [a, b]'],
  },
  {
    name: 'a text for a map',
    given: { ...LEAST, podTemplate: 'x' },
    want: ['spec.podTemplate: must be a map, not "x"'],
  },
  {
    name: 'null',
    given: { ...LEAST, env: [null] },
    want: ['spec.env[0]: must be an object (name, value, valueFrom), not null'],
  },
  {
    name: 'a word of a list of words',
    given: { ...LEAST, redeploy: 'Always' },
    want: ['spec.redeploy: must be OnSpecChange, OnChange or Never, not "Always"'],
  },
  {
    name: 'no name of an object',
    given: { ...LEAST, runtimeRef: 'Echo_1' },
    want: ['spec.runtimeRef: must be the name of an object: lower case letters, digits, "-" and ".", not "Echo_1"'],
  },
  {
    name: 'no quantity',
    given: { ...LEAST, persist: true, persistence: { size: '1 GB' } },
    want: ['spec.persistence.size: must be a quantity such as 500m or 1Gi, not "1 GB"; did you mean 1Gi?'],
  },
  {
    name: 'a negative quantity',
    given: { ...LEAST, resources: { limits: { memory: '-1Gi' } } },
    want: ['spec.resources.limits.memory: must be a quantity such as 500m or 1Gi, not "-1Gi"'],
  },
  {
    name: 'a volume of no size',
    given: { ...LEAST, persist: true, persistence: { size: '0Gi' } },
    want: ['spec.persistence.size: must be more than 0'],
  },
  {
    name: 'more asked for than allowed',
    given: { ...LEAST, resources: { requests: { cpu: 2 }, limits: { cpu: '1500m' } } },
    want: ['spec.resources.requests.cpu: is 2, more than its limit of 1500m'],
  },
  {
    name: 'a list for a quantity',
    given: { ...LEAST, resources: { limits: { 'nvidia.com/gpu': [] } } },
    want: [
      'spec.resources.limits["nvidia.com/gpu"]: must be a whole number or a string such as 500m or 1Gi, not a list',
    ],
  },
  {
    name: 'a key of a map',
    given: { ...LEAST, resources: { limits: { 'a b': 1 } } },
    want: [
      'spec.resources.limits["a b"]: is no valid key: it must be the name of a resource such as cpu or nvidia.com/gpu, not "a b"',
    ],
  },
  {
    name: 'a resource as it is misspelt',
    given: { ...LEAST, resources: { limits: { memmory: 1, CPU: 1, gpu: 1, disk: 1 } } },
    want: [
      ['memmory', '; did you mean memory?'],
      ['CPU', '; did you mean cpu?'],
      ['gpu', ''],
      ['disk', ''],
    ].map(
      ([name, meant]) =>
        `spec.resources.limits.${name}: is no valid key: it must be the name of a resource such as cpu or nvidia.com/gpu, not "${name}"${meant}`,
    ),
  },
  {
    name: 'a long value is cut in the message',
    given: { ...LEAST, runtimeRef: 'X'.repeat(200) },
    want: [
      `spec.runtimeRef: must be the name of an object: lower case letters, digits, "-" and ".", not "${'X'.repeat(56)}…`,
    ],
  },
  {
    name: 'a field of the pod that there is not',
    given: { ...LEAST, env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] },
    want: [
      'spec.env[0].valueFrom.fieldRef.fieldPath: must be a field of the pod such as metadata.name or status.podIP, not "spec.containers"',
    ],
  },
  {
    name: 'a member named __proto__',
    given: JSON.parse('{"prompt":"x","runtimeRef":"echo","resources":{"limits":{"__proto__":"1"}}}'),
    want: ['spec.resources.limits.__proto__: is no name for a field; take another one'],
  },
  {
    name: 'several at once, the rules beside the schema too',
    given: {
      prompt: '',
      schedule: 'often',
      timezone: 'Moon',
      env: [{ name: 'A', valueFrom: {} }],
      skillRefs: ['a', 'a'],
    },
    want: [
      'spec.prompt: must not be empty',
      'spec.runtimeRef: is required',
      'spec.skillRefs[1]: a stands here twice; remove one of them',
      'spec.env[0].valueFrom: must have exactly one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef',
      'spec.schedule: has 1 field; Kubernetes takes 5: minute hour day-of-month month day-of-week',
      'spec.timezone: is "Moon", which is no time zone; write a name from the IANA database, such as Europe/Paris',
    ],
  },
]

const objects: { name: string; given: unknown; want: string[] }[] = [
  { name: 'no object', given: null, want: ['must be an object'] },
  {
    name: 'another kind',
    given: object(LEAST, { apiVersion: 'v1', kind: 'Pod' }),
    want: ['apiVersion: must be agentjob.io/v1alpha1', 'kind: must be AgentJob'],
  },
  {
    name: 'no name',
    given: object(LEAST, { metadata: {} }),
    want: ['metadata.name: is required (or metadata.generateName)'],
  },
  {
    name: 'names of other types',
    given: object(LEAST, { metadata: { name: null, generateName: 5 } }),
    want: ['metadata.name: is required (or metadata.generateName)'],
  },
  { name: 'a generateName', given: object(LEAST, { metadata: { generateName: 'hello-' } }), want: [] },
  {
    name: 'metadata of another type',
    given: object(LEAST, { metadata: 'hello' }),
    want: ['metadata.name: is required (or metadata.generateName)'],
  },
]

describe('validate', () => {
  for (const { name, given, want } of specs) test(name, () => expect(errorsOf(object(given))).toEqual(want))
  for (const { name, given, want } of objects) test(name, () => expect(errorsOf(given)).toEqual(want))

  test('fills in the defaults, and leaves what was given as it was', () => {
    const given = object({ ...LEAST })
    const { spec } = validate(agentJob, given)
    expect(spec).toEqual({
      ...LEAST,
      timezone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      successfulRunsHistoryLimit: 3,
      failedRunsHistoryLimit: 3,
      suspend: false,
      timeoutSeconds: 3600,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 86400,
      redeploy: 'OnSpecChange',
      persist: false,
    })
    expect(given).toEqual(object(LEAST))
  })

  test('megabytes cost no more time than their message', () => {
    const long = ['1', 'a.', 'a', '/a', '.'].map((text) => `${text.repeat(1_000_000)}!`)
    const started = performance.now()
    for (const text of long) {
      const env = [{ name: text, valueFrom: { fieldRef: { fieldPath: text }, resourceFieldRef: { resource: text } } }]
      const resources = { limits: { memory: text, [text]: 1 }, requests: { memory: text } }
      const texts = { schedule: text, timezone: text, queueName: text, runtimeRef: text, skillRefs: [text, text] }
      const errors = errorsOf(
        object({ prompt: 'x', ...texts, env, resources, envFrom: [{ prefix: text }], persistence: { size: text } }),
      )
      expect(errors.filter((error) => error.length > 1000 && !error.startsWith('spec.resources'))).toEqual([])
      expect(errors.filter((error) => /^spec.schedule:/.test(error))).toEqual([
        'spec.schedule: must have at most 255 characters',
      ])
    }
    for (const list of [Array(1_000_000).fill(1), Object.fromEntries(Array(100_000).entries())])
      expect(errorsOf(object({ ...LEAST, env: list }))).toEqual([
        expect.stringMatching(/^spec.env: has 10{5,6} entries; at most 1024/),
      ])
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('gives no spec where there is an error', () => {
    expect(validate(agentJob, object({ ...LEAST, schedule: 'often' })).spec).toBeUndefined()
  })

  test('warns without refusing', () => {
    const { warnings, errors } = validate(
      agentJob,
      object({ ...LEAST, schedule: '@daily', startingDeadlineSeconds: 5, persistence: {}, redeploy: 'OnChange' }),
    )
    expect(errors).toEqual([])
    expect(warnings.map(formatFinding)).toEqual([
      'spec.startingDeadlineSeconds: below 10 a run may never start, because Kubernetes looks at its schedules every 10 seconds',
      'spec.persistence: has no effect without persist: true',
      'spec.redeploy: OnChange has no effect on a schedule, which always runs the newest',
    ])
  })
})
