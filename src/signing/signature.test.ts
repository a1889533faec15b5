import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { CompactSign } from 'jose'
import type { Expansion } from '../api/expansion.ts'
import { epochOf, sign, verify } from './signature.ts'

const KEY = new Uint8Array(32).fill(1)
const IDENTITY = { namespace: 'agents', name: 'hello' }
const expansion: Expansion = {
  configHash: 'c1',
  revision: 'r1',
  inputHash: 'i1',
  specHash: 's1',
  requester: 'alice',
  renderer: 1,
  references: [{ kind: 'AgentRuntime', namespace: 'agents', name: 'echo', hash: 'h1' }],
  problems: [],
  resources: [
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'hello-r1' },
      spec: { template: { spec: { a: [1, 'é'] } } },
    },
  ],
}
const signed = await sign(expansion, IDENTITY, KEY)
const [header, payload, mac] = (signed.signature as string).split('.') as [string, string, string]
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const withSignature = (signature: unknown) => ({ ...expansion, signature })
const jws = (content: unknown) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(content))).setProtectedHeader({ alg: 'HS256' }).sign(KEY)

test('the signature covers an expansion in the form in which it is stored', async () => {
  const reversed = Object.fromEntries(Object.entries(signed).reverse())
  const stored = JSON.parse(JSON.stringify({ ...reversed, rerun: undefined }))
  expect(await verify(signed, IDENTITY, KEY)).toBe(true)
  expect(await verify(stored, IDENTITY, KEY)).toBe(true)
})

test('signing changes nothing else, and the same again gives the same', async () => {
  const { signature, ...rest } = signed
  expect(rest).toEqual(expansion)
  expect((await sign(signed, IDENTITY, KEY)).signature).toBe(signature)
})

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = { a: value }
  return value
}

const hs512 = `${base64({ alg: 'HS512' })}.${payload}`
const underHs512 = `${hs512}.${createHmac('sha512', KEY).update(hs512).digest('base64url')}`
const [job] = expansion.resources
const forgeries: { name: string; given: unknown; identity?: typeof IDENTITY; key?: Uint8Array }[] = [
  { name: "another object's", given: signed, identity: { namespace: 'agents', name: 'other' } },
  { name: "another namespace's", given: signed, identity: { namespace: 'other', name: 'hello' } },
  {
    name: 'one whose name begins in the namespace',
    given: await sign(expansion, { namespace: 'a', name: 'b/c' }, KEY),
    identity: { namespace: 'a/b', name: 'c' },
  },
  { name: 'one of another key', given: signed, key: new Uint8Array(32).fill(2) },
  ...Object.keys(expansion).map((field) => ({
    name: `a ${field} that was changed`,
    given: { ...signed, [field]: ['other'] },
  })),
  ...Object.keys(expansion).map((field) => ({
    name: `a ${field} that was taken away`,
    given: { ...signed, [field]: undefined },
  })),
  { name: 'a field that was added', given: { ...signed, grants: [{ namespace: 'agents', name: 'admin' }] } },
  {
    name: 'a change deep within',
    given: { ...signed, resources: [{ ...job, spec: { template: { spec: { a: [1, 'e'] } } } }] },
  },
  { name: 'a second child', given: { ...signed, resources: [job, job] } },
  { name: 'no signature', given: expansion },
  { name: 'an empty signature', given: withSignature('') },
  { name: 'a signature that is no text', given: withSignature({ header, payload, mac }) },
  { name: 'a list of signatures', given: withSignature([signed.signature]) },
  { name: 'a signature that is null', given: withSignature(null) },
  { name: 'a signature without its end', given: withSignature(`${header}.${payload}`) },
  { name: 'a signature with an empty end', given: withSignature(`${header}.${payload}.`) },
  { name: 'a signature of five parts', given: withSignature(`${header}.${payload}.${mac}.${payload}.${mac}`) },
  { name: 'the algorithm none', given: withSignature(`${base64({ alg: 'none' })}.${payload}.`) },
  { name: 'the algorithm none under our mac', given: withSignature(`${base64({ alg: 'none' })}.${payload}.${mac}`) },
  { name: 'another algorithm with our key', given: withSignature(underHs512) },
  { name: 'another payload under our mac', given: withSignature(`${header}.${base64(IDENTITY)}.${mac}`) },
  { name: 'ours, of no digest', given: withSignature(await jws(IDENTITY)) },
  { name: 'ours, of null', given: withSignature(await jws(null)) },
  { name: 'ours, of a text', given: withSignature(await jws('hello')) },
  { name: 'a header that is no JSON', given: withSignature(`e30x.${payload}.${mac}`) },
  { name: 'garbage', given: withSignature('\u0000 . é . \ud800') },
  { name: 'ten million characters', given: withSignature('x.'.repeat(5_000_000)) },
  { name: 'our signature over garbage that is nested without end', given: { ...signed, problems: nested(200_000) } },
  { name: 'a list', given: [signed] },
  { name: 'a text', given: 'signed' },
  { name: 'a number', given: 7 },
  { name: 'nothing', given: undefined },
  { name: 'null', given: null },
]

for (const { name, given, identity = IDENTITY, key = KEY } of forgeries)
  test(`an expansion is not ours: ${name}`, async () => expect(await verify(given, identity, key)).toBe(false))

const headerOf = ({ signature = '' }: Expansion) =>
  JSON.parse(Buffer.from(signature.split('.')[0] as string, 'base64url').toString())

test('the signature names its epoch as kid, but the first one, whose signatures stay as they were before there were others', async () => {
  const second = await sign(expansion, IDENTITY, KEY, 2)
  expect([headerOf(signed), headerOf(second)]).toEqual([{ alg: 'HS256' }, { alg: 'HS256', kid: '2' }])
  expect([epochOf(signed), epochOf(second)]).toEqual([1, 2])
  expect(await verify(second, IDENTITY, KEY)).toBe(true)
})

test('the epoch is covered by the signature', async () => {
  const moved = withSignature(`${base64({ alg: 'HS256', kid: '2' })}.${payload}.${mac}`)
  expect(epochOf(moved)).toBe(2)
  expect(await verify(moved, IDENTITY, KEY)).toBe(false)
})

const kid = (value: unknown) => withSignature(`${base64({ alg: 'HS256', kid: value })}.${payload}.${mac}`)
for (const { name, given } of [
  { name: 'nothing', given: undefined },
  { name: 'no signature', given: expansion },
  { name: 'a signature that is no text', given: withSignature({ header }) },
  { name: 'no dot', given: withSignature('abc') },
  { name: 'a header that is no JSON', given: withSignature('e30x.a.b') },
  { name: 'a header that is null', given: withSignature(`${base64(null)}.a.b`) },
  { name: 'a header that is a number', given: withSignature(`${base64(7)}.a.b`) },
  { name: 'a header without end', given: withSignature(`${base64({ alg: 'HS256', more: 'x'.repeat(100) })}.a.b`) },
  ...[2, '0', '-1', '1.5', '01', '1e3', ' 2', '', 'two', '1000000000', null, ['2']].map((value) => ({
    name: `a kid that is ${JSON.stringify(value)}`,
    given: kid(value),
  })),
])
  test(`no epoch of ours: ${name}`, () => expect(epochOf(given)).toBeUndefined())
