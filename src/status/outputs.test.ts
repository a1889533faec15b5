import { expect, test } from 'bun:test'
import type { Pod } from './observed.ts'
import { outputsIn } from './outputs.ts'

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
