import { describe, expect, test } from 'bun:test'
import type { Fields } from '../../api/isfields.ts'
import { lastOf, ofKubeTask, ofOpenCode, specOf, told } from '../fixtures.ts'

const WEEK = 604_800
const YEAR = 31_536_000
/** What every Task becomes. */
const BASE = { runtimeRef: 'default', prompt: 'Go.', timeoutSeconds: YEAR, ttlSecondsAfterFinished: WEEK }

const cases: { name: string; given: Fields; want: Fields; said?: string[] }[] = [
  { name: 'a description alone', given: ofKubeTask('Task', { description: 'Go.' }), want: BASE },
  {
    name: 'an Agent',
    given: ofKubeTask('Task', { description: 'Go.', agentRef: 'x' }),
    want: { ...BASE, runtimeRef: 'x' },
  },
  { name: 'no Agent', given: ofKubeTask('Task', { description: 'Go.', agentRef: '' }), want: BASE },
  {
    name: "an Agent of KubeOpenCode's, which keeps Tasks for ever",
    given: ofOpenCode('Task', { description: 'Go.', agentRef: { name: 'x', namespace: 'default' } }),
    want: { ...BASE, runtimeRef: 'x', ttlSecondsAfterFinished: YEAR },
  },
  {
    name: 'an Agent of another namespace',
    given: ofOpenCode('Task', { description: 'Go.', agentRef: { name: 'x', namespace: 'y' } }),
    want: { ...BASE, runtimeRef: 'x', ttlSecondsAfterFinished: YEAR },
    said: ['dropped: spec.agentRef.namespace'],
  },
  {
    name: 'a timeout',
    given: ofOpenCode('Task', { description: 'Go.', templateRef: { name: 't' }, timeout: '1m30.5s' }),
    want: { ...BASE, runtimeRef: 't', timeoutSeconds: 91, ttlSecondsAfterFinished: YEAR },
  },
  {
    name: 'a timeout that is none',
    given: ofOpenCode('Task', { description: 'Go.', timeout: 'long' }),
    want: {},
    said: ['error: spec.timeout'],
  },
  {
    name: 'contexts alone',
    given: ofKubeTask('Task', { contexts: [{ type: 'Text', text: 'Be kind.' }] }),
    want: {
      ...BASE,
      prompt: 'Do what the contexts below say.',
      contexts: [{ type: 'Inline', inline: { content: 'Be kind.' } }],
    },
  },
  { name: 'nothing to do', given: ofKubeTask('Task', {}), want: {}, said: ['error: spec.description'] },
  {
    name: 'people who look on',
    given: ofKubeTask('Task', { description: 'Go.', humanInTheLoop: { enabled: true, keepAlive: '1h', ports: [] } }),
    want: { ...BASE, humanInTheLoop: { enabled: true, keepAlive: '1h' } },
    said: ['dropped: spec.humanInTheLoop.ports'],
  },
  {
    name: 'people who look on for days',
    given: ofKubeTask('Task', { description: 'Go.', humanInTheLoop: { enabled: true, keepAlive: '48h' } }),
    want: {},
    said: ['error: spec.humanInTheLoop.keepAlive'],
  },
  {
    name: 'outputs',
    given: ofOpenCode('Task', { description: 'Go.', outputs: { parameters: [{ name: 'a', path: 'b' }] } }),
    want: { ...BASE, ttlSecondsAfterFinished: YEAR },
    said: ['dropped: spec.outputs'],
  },
  ...['Completed', 'Failed', 'Running'].map((phase) => ({
    name: `a Task that is ${phase}`,
    given: ofKubeTask('Task', { description: 'Go.' }, { status: { phase } }),
    want: { ...BASE, suspend: true },
  })),
  ...['Pending', 'Queued', undefined].map((phase) => ({
    name: `a Task that is ${phase}`,
    given: ofKubeTask('Task', { description: 'Go.' }, { status: { phase } }),
    want: BASE,
  })),
  {
    name: 'a Task that was called off',
    given: ofKubeTask(
      'Task',
      { description: 'Go.' },
      { metadata: { name: 'it', annotations: { 'kubetask.io/stop': 'true' } } },
    ),
    want: { ...BASE, suspend: true },
  },
  {
    name: 'a name that is too long',
    given: ofKubeTask('Task', { description: 'Go.' }, { metadata: { name: 'x'.repeat(55) } }),
    want: {},
    said: ['error: metadata.name'],
  },
]

describe('Task', () => {
  for (const { name, given, want, said = [] } of cases)
    test(name, () => {
      const conversion = lastOf(given)
      expect(specOf(conversion) ?? {}).toEqual(want)
      expect(told(conversion, 'dropped', 'error')).toEqual(said)
    })

  const owned = (kind: string, phase?: string) => {
    const ownerReferences = [{ apiVersion: 'kubetask.io/v1alpha1', kind, name: 'a', uid: 'u', controller: true }]
    return ofKubeTask('Task', { description: 'Go.' }, { metadata: { name: 'it', ownerReferences }, status: { phase } })
  }
  test.each([
    ['CronTask', 'Running', 'note: '],
    ['CronTask', 'Completed', 'note: '],
    ['WorkflowRun', 'Completed', 'note: '],
    ['WorkflowRun', 'Pending', 'dropped: '],
  ])('a run of a %s that is %s is no AgentJob', (kind, phase, said) => {
    const conversion = lastOf(owned(kind, phase))
    expect(conversion.objects).toEqual([])
    expect(told(conversion, 'note', 'dropped')).toEqual([said])
  })
})

describe('TaskTemplate', () => {
  const context = (text: string) => ({ type: 'Text', text, mountPath: text })
  const template = (spec: Fields) => ofOpenCode('TaskTemplate', spec, { metadata: { name: 'base' } })
  const base = template({ agentRef: { name: 'x' }, description: 'Go.', contexts: [context('a')] })
  const taskTemplateRef = { name: 'base' }
  const inlined = (text: string) => ({ type: 'Inline', inline: { content: text }, mountPath: `/workspace/${text}` })

  test('says what the Task does not', () => {
    const conversion = lastOf(base, ofOpenCode('Task', { taskTemplateRef, contexts: [context('b')] }))
    expect(specOf(conversion)).toMatchObject({ runtimeRef: 'x', prompt: 'Go.', contexts: [inlined('a'), inlined('b')] })
  })

  test('and not what the Task does', () => {
    const own = { taskTemplateRef, agentRef: { name: 'y' }, description: 'Stop.' }
    expect(specOf(lastOf(base, ofOpenCode('Task', own)))).toMatchObject({ runtimeRef: 'y', prompt: 'Stop.' })
  })

  test('tells of itself what is to be told', () => {
    const named = template({ description: 'Go.', contexts: [{ ...context('a'), name: 'n' }] })
    const conversion = lastOf(ofOpenCode('Task', { taskTemplateRef }), named)
    expect(conversion.objects).toEqual([])
    expect(told(conversion, 'dropped', 'error')).toEqual(['dropped: spec.contexts[0].name'])
  })

  test('that nobody names is dropped, and one that is not there is told of', () => {
    expect(told(lastOf(base), 'dropped')).toEqual(['dropped: '])
    const alone = lastOf(ofOpenCode('Task', { description: 'Go.', taskTemplateRef }))
    expect(told(alone, 'dropped')).toEqual(['dropped: spec.taskTemplateRef'])
  })
})
