import { expect, test } from 'bun:test'
import type { Pod } from './observed.ts'
import { outputsIn } from './outputs.ts'
import { complete, ENDED, failed, job, pod, run, terminated } from './testdata/observed.ts'
import { ended, testRuns } from './testdata/runs.ts'

const cases: { name: string; message?: string; of?: string; want: Record<string, string> | undefined }[] = [
  { name: 'nothing said', want: undefined },
  { name: 'nothing declared that is there', message: '', want: undefined },
  { name: 'texts', message: 'a\none\ntwo\0b.c\n\0', want: { a: 'one\ntwo', 'b.c': '' } },
  { name: 'one that is cut', message: 'a+\non\0b\ntwo\0', want: { a: 'on…', b: 'two' } },
  { name: 'cut within a character', message: 'a+\non\ufffd\ufffd\0', want: { a: 'on…' } },
  { name: 'not cut, and not all of it text', message: 'a\non\ufffd\0', want: { a: 'on\ufffd' } },
  { name: 'cut by the kubelet', message: 'a\none\0b\ntw', want: { a: 'one', b: 'tw…' } },
  { name: 'cut by the kubelet in a name', message: 'a\none\0b', want: { a: 'one' } },
  { name: 'what nobody of ours has said', message: 'segmentation fault', want: undefined },
  { name: 'a container of the same name', message: 'done\nall good', want: undefined },
  { name: 'what a terminal would obey', message: 'a\n\u001b[31mone\ttwo\r\n\0', want: { a: '[31mone\ttwo\n' } },
  { name: 'names that are none', message: '__proto__\nx\0 \nx\0\nx\0a b\nx\0', want: undefined },
  { name: 'another container', of: 'proxy', message: 'a\none\0', want: undefined },
]
for (const { name, message, of = 'outputs', want } of cases)
  test(`outputs of a pod: ${name}`, () => {
    const state = message === undefined ? { running: {} } : { terminated: { exitCode: 0, message } }
    const pod = { status: { initContainerStatuses: [{ name: of, state }] } } as unknown as Pod
    expect(outputsIn(pod)).toEqual(want as never)
  })

test('outputs of no pod', () => expect(outputsIn(undefined)).toBeUndefined())

/** A pod whose files were read when its agent had ended. */
const read = (message: string, one: Pod, exitCode = 0): Pod => ({
  ...one,
  status: { ...one.status, initContainerStatuses: [{ name: 'outputs', state: { terminated: { exitCode, message } } }] },
})
const atItsEnd = (exitCode: number) =>
  pod({ terminated: { exitCode, reason: 'Error', finishedAt: ENDED } }, { phase: 'Failed' })
const MANY = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`${n}`, `${n}`]))

testRuns([
  {
    name: 'a result that is a JSON object',
    given: {
      job: job('e1', { status: complete }),
      pods: [terminated(0, ' {"pr":42,"url":"https://a","files":["b"]}')],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: ' {"pr":42,"url":"https://a","files":["b"]}' },
      outputs: { pr: '42', url: 'https://a', files: '["b"]' },
    }),
  },
  {
    name: 'half of a JSON object',
    given: { job: job('e1', { status: complete }), pods: [terminated(0, '{"pr":42,"url":"ht')] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42,"url":"ht' }),
  },
  {
    name: 'outputs once they are told, and the pod is gone',
    given: { job: job('e1', { status: complete }), pods: [] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42}', outputs: { pr: '42' } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42}', outputs: { pr: '42' } }),
  },
  {
    name: 'outputs of files, before what a result has under their names',
    given: {
      job: job('e1', { status: complete }),
      pods: [read('pr\n7\0log\n\0', terminated(0, '{"pr":42,"url":"https://a"}'))],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: '{"pr":42,"url":"https://a"}' },
      outputs: { pr: '7', log: '', url: 'https://a' },
    }),
  },
  {
    name: 'outputs of files alone',
    given: { job: job('e1', { status: complete }), pods: [read('pr\n7\0', terminated(0, 'done'))] },
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, result: 'done', outputs: { pr: '7' } }),
  },
  {
    name: 'the same once they are told, and the pod is gone',
    given: { job: job('e1', { status: complete }), pods: [] },
    before: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, outputs: { pr: '7' } }),
    want: run('e1', { phase: 'Succeeded', ...ended, exitCode: 0, outputs: { pr: '7' } }),
  },
  {
    name: 'outputs of files, which come before the many of a result',
    given: {
      job: job('e1', { status: complete }),
      pods: [read('zz\n7\0', terminated(0, JSON.stringify(MANY)))],
    },
    want: run('e1', {
      ...{ phase: 'Succeeded', ...ended, exitCode: 0, result: JSON.stringify(MANY) },
      outputs: { zz: '7', ...Object.fromEntries(Object.entries(MANY).slice(0, 63)) },
    }),
  },
  {
    name: 'a sidecar that ends badly after its agent',
    given: { job: job('e1', { status: failed() }), pods: [read('pr\n7\0', atItsEnd(3), 137)] },
    want: run('e1', { phase: 'Failed', reason: 'Error', ...ended, exitCode: 3, outputs: { pr: '7' } }),
  },
  {
    name: 'a sidecar that is as unknown as its agent',
    given: {
      job: job('e1', { status: failed() }),
      pods: [
        read('', pod({ terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } }, { phase: 'Failed' }), 137),
      ],
    },
    want: run('e1', { phase: 'Failed', reason: 'ContainerStatusUnknown', ...ended, exitCode: 137 }),
  },
])
