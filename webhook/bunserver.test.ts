import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type TLSSocket } from 'node:tls'
import { issueCa, issueLeaf } from '../certs/issue.ts'
import type { Certificate } from '../certs/source.ts'
import { startBunServer } from './bunserver.ts'
import type { TlsServer } from './listener.ts'

const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
let one: Certificate
let two: Certificate
const servers: TlsServer[] = []

beforeAll(async () => {
  const ca = await issueCa(period)
  const certificate = async () => ({
    ...(await issueLeaf(ca, { dnsNames: ['localhost'], ipAddresses: [] }, period)),
    ca: ca.cert,
    notAfter: period.notAfter,
  })
  one = await certificate()
  two = await certificate()
})

afterAll(async () => {
  for (const server of servers) {
    const closed = server.close()
    server.destroy()
    await closed
  }
})

async function start(idleSeconds: number): Promise<TlsServer> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const fetch = async () => new Response('ok')
  const server = await startBunServer({ fetch, port: 0, certificate: one, idleSeconds, log })
  servers.push(server)
  return server
}

async function open({ port }: TlsServer): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: one.ca })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket
}

/** The head of an answer; undefined when the connection has ended. */
function get(socket: TLSSocket): Promise<string | undefined> {
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(String(data)))
    socket.once('close', () => resolve(undefined))
  })
}

const serialOf = (socket: TLSSocket) => socket.getPeerCertificate().serialNumber

test('a connection outlives its certificate, is told to leave with its next answer, and comes back to the new one', async () => {
  const server = await start(150)
  const old = await open(server)
  expect(await get(old)).not.toMatch(/connection: close/i)
  server.setCertificate(two)
  const fresh = await open(server)
  expect(serialOf(fresh)).not.toBe(serialOf(old))
  expect(await get(old)).toMatch(/connection: close/i)
  expect(await get(fresh)).not.toMatch(/connection: close/i)
  fresh.destroy()
})

test('a certificate without its key is refused, the old one goes on', async () => {
  const server = await start(150)
  expect(() => server.setCertificate({ ...two, key: one.key })).toThrow()
  const socket = await open(server)
  expect(await get(socket)).toStartWith('HTTP/1.1 200')
  expect(await get(socket)).not.toMatch(/connection: close/i)
  socket.destroy()
})

test('an idle connection ends when we say, not after the 10 s of Bun', async () => {
  const server = await start(1)
  const socket = await open(server)
  expect(await get(socket)).toStartWith('HTTP/1.1 200')
  const started = performance.now()
  await new Promise((resolve) => socket.once('close', resolve))
  expect(performance.now() - started).toBeLessThan(9000)
}, 15_000)
