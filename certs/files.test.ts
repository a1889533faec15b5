import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFiles } from './files.ts'
import { issueCa } from './issue.ts'
import type { KeyPair } from './pem.ts'
import type { Certificate } from './source.ts'

const minute = 60_000
const start = Date.now()
const make = (minutes: number) =>
  issueCa({ notBefore: new Date(start - minute), notAfter: new Date(start + minutes * minute) })
const [one, two] = await Promise.all([make(1), make(2)])

let directory: string
let stop: AbortController
let now: number
let warnings: string[]
let reads: boolean[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certs-'))
  stop = new AbortController()
  now = start
  warnings = []
  reads = []
})
afterEach(async () => {
  stop.abort()
  await rm(directory, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(directory, name), text)
const writePair = ({ cert, key }: KeyPair) => Promise.all([write('tls.crt', cert), write('tls.key', key)])

async function given(pair: KeyPair) {
  await writePair(pair)
  const warn = (fields: object) => void warnings.push((fields as { err: Error }).err.message.replace(directory, 'DIR'))
  const log = { debug() {}, info() {}, warn, error() {} }
  const metrics = { read: (ok: boolean) => void reads.push(ok), serving() {} }
  const o = { directory, signal: stop.signal, log, metrics, intervalMs: 5, now: () => new Date(now) }
  const source = await startFiles(o)
  const heard: Certificate[] = []
  source.onChange((certificate) => heard.push(certificate))
  return { source, heard }
}

async function eventually(done: () => boolean) {
  const deadline = performance.now() + 2000
  while (!done() && performance.now() < deadline) await sleep(5)
  expect(done()).toBe(true)
}

test('the pair, its CA if there is one, its end', async () => {
  await write('ca.crt', two.cert)
  const { source } = await given(one)
  const notAfter = new Date(Math.floor((start + minute) / 1000) * 1000)
  expect(source.current()).toEqual({ cert: one.cert, key: one.key, ca: two.cert, notAfter })
  expect(source.problem()).toBeUndefined()
})

test('a new pair is told once; the old one is kept while the new one is half written', async () => {
  const { source, heard } = await given(one)
  await eventually(() => reads.length > 1)
  expect(reads).not.toContain(false)
  await write('tls.crt', two.cert)
  await eventually(() => warnings.length > 0)
  expect(reads.at(-1)).toBe(false)
  expect(warnings).toEqual(['DIR/tls.key is not the private key of the certificate in tls.crt'])
  expect(source.current().cert).toBe(one.cert)
  expect(source.problem()).toBeUndefined()
  await write('tls.key', two.key)
  await eventually(() => heard.length > 0)
  await sleep(30)
  expect(heard.map(({ cert, key, ca }) => ({ cert, key, ca }))).toEqual([{ ...two, ca: '' }])
  expect(source.current()).toBe(heard[0]!)
})

test('the way of the kubelet: ..data is a link that is swapped', async () => {
  await mkdir(join(directory, '..1'))
  await symlink('..1', join(directory, '..data'))
  for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(directory, name))
  const { source } = await given(one)
  await mkdir(join(directory, '..2'))
  await Promise.all([write('..2/tls.crt', two.cert), write('..2/tls.key', two.key)])
  await symlink('..2', join(directory, '..new'))
  await rename(join(directory, '..new'), join(directory, '..data'))
  await eventually(() => source.current().cert === two.cert)
})

test('expired is a problem, with the reason why nothing newer is served; a new pair ends it', async () => {
  const { source } = await given(one)
  await rm(join(directory, 'tls.key'))
  await eventually(() => warnings.length > 0)
  expect(source.problem()).toBeUndefined()
  now = start + minute
  expect(source.problem()).toMatch(/^the serving certificate expired at \S+Z: ENOENT.*tls\.key/)
  await writePair(two)
  await eventually(() => source.problem() === undefined)
})

test('a ca.crt that comes later is told as well', async () => {
  const { heard } = await given(one)
  await write('ca.crt', two.cert)
  await eventually(() => heard.length > 0)
  expect(heard[0]!.ca).toBe(two.cert)
})

test('nobody is told any more after unsubscribing, or after the signal', async () => {
  const { source } = await given(one)
  const heard: Certificate[] = []
  source.onChange((certificate) => heard.push(certificate))()
  await writePair(two)
  await eventually(() => source.current().cert === two.cert)
  expect(heard).toEqual([])
  stop.abort()
  await writePair(one)
  await sleep(30)
  expect(source.current().cert).toBe(two.cert)
})

test('to start with, there must be a pair', async () => {
  const cases = [
    { name: 'no files', write: async () => {}, want: 'ENOENT' },
    { name: 'no PEM', write: () => writePair({ cert: 'hello', key: one.key }), want: 'tls.crt holds no certificate' },
    { name: 'not a pair', write: () => writePair({ ...one, key: two.key }), want: 'is not the private key' },
  ]
  for (const { write, want } of cases) {
    await write()
    const log = { debug() {}, info() {}, warn() {}, error() {} }
    await expect(startFiles({ directory, signal: stop.signal, log })).rejects.toThrow(want)
  }
})
