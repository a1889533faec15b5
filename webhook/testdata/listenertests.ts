import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { createServers, type Servers } from './servers.ts'

/** The tests of the listener on server runtime; `command` runs the TypeScript file that is put after it. */
export function listenerTests(command: string[]): void {
  let servers: Servers
  beforeAll(async () => {
    servers = await createServers(command)
  }, 120_000)
  afterAll(() => servers.end())

  test('a new certificate ten times a second: no error, on kept and on new connections', async () => {
    const server = await servers.serve({ ROTATE_MS: 100 })
    const [kept, fresh] = await Promise.all([
      server.post('-for', '1500ms', '-clients', '4'),
      server.post('-for', '1500ms', '-clients', '4', '-new'),
    ])
    expect([kept.errors, fresh.errors]).toEqual([{}, {}])
    expect(fresh.certificates).toBe(4)
    expect(kept.requests).toBeGreaterThan(100)
    server.child.kill('SIGKILL')
  }, 20_000)

  test('stop: whoever is in the middle of its work is told to leave, and meets no error', async () => {
    const server = await servers.serve({ GRACE_MS: 500 })
    const report = server.post('-for', '10s', '-until-close')
    await sleep(300)
    server.child.kill('SIGTERM')
    expect(await report).toMatchObject({ errors: {}, closed: 8 })
    expect(await server.ended).toBe(0)
  }, 20_000)

  test('stop: new connections are answered within the grace, what is under way after it', async () => {
    const server = await servers.serve({ GRACE_MS: 600 })
    server.child.kill('SIGTERM')
    await sleep(100)
    expect((await server.ask('/mutate')).status).toBe(200)
    expect((await server.ask('/mutate?ms=1200')).status).toBe(200)
    await expect(server.ask('/mutate')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await server.ended).toBe(0)
  })

  test.each(['never', 'once'])('stop: a connection that was used %s does not hold it up', async (used) => {
    const server = await servers.serve()
    const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.ca })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    if (used === 'once') {
      const body = '{"request":{"uid":"once"}}'
      socket.write(`POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toStartWith('HTTP/1.1 200')
    }
    socket.resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const started = performance.now()
    server.child.kill('SIGTERM')
    await closed
    expect(await server.ended).toBe(0)
    expect(performance.now() - started).toBeLessThan(1500)
  })

  test('8 MB there and back', async () => {
    const server = await servers.serve()
    const padding = 'y'.repeat(8_000_000)
    const body = JSON.stringify({ request: { uid: 'large', padding } })
    const { status, text } = await server.ask(`/mutate?padding=${8_000_000}`, body)
    expect(status).toBe(200)
    expect(text.length).toBeGreaterThan(8_000_000)
    expect(JSON.parse(text).response.uid).toBe('large')
    server.child.kill('SIGKILL')
  })

  test('clients that vanish take nobody with them', async () => {
    const server = await servers.serve()
    for (let i = 0; i < 50; i++) {
      const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.ca })
      socket.on('error', () => {})
      if (i % 2) await new Promise((resolve) => socket.once('secureConnect', resolve))
      socket.write('POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
      socket.destroy()
    }
    expect((await server.ask('/mutate')).status).toBe(200)
    server.child.kill('SIGKILL')
  })

  test('TLS 1.2 at least, HTTP/1.1 also for a client that would rather have HTTP/2', async () => {
    const server = await servers.serve()
    const old = await server.post('-tls', '1.1', '-for', '50ms', '-clients', '1')
    // Deno's TLS does not say why
    expect(Object.keys(old.errors).join()).toMatch(
      /remote error: tls: (protocol version not supported|handshake failure)/,
    )
    const want = { errors: {}, protocols: ['HTTP/1.1'] }
    for (const version of ['1.2', '1.3']) {
      expect(await server.post('-h2', '-tls', version, '-for', '50ms', '-clients', '1')).toMatchObject(want)
    }
    server.child.kill('SIGKILL')
  })

  test('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    await expect(servers.serve({ PORT: port })).rejects.toThrow('EADDRINUSE')
    taken.close()
  })

  test('a port that is shared: where one of two is killed, the other has each new connection', async () => {
    const one = await servers.serve({ SHARE_PORT: 1 })
    const two = await servers.serve({ SHARE_PORT: 1, PORT: one.port })
    const both = await certificatesOf(100, one.port)
    one.child.kill('SIGKILL')
    await one.ended
    const left = await certificatesOf(100, one.port)
    expect([both.size, left.size]).toEqual([2, 1])
    expect(both).toContain([...left].join())
    two.child.kill('SIGKILL')
  }, 20_000)
}

/** The certificates that so many new connections are shown; rejects where one of them is refused. */
async function certificatesOf(connections: number, port: number): Promise<Set<string>> {
  const seen = new Set<string>()
  for (let made = 0; made < connections; made++) {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    seen.add(socket.getPeerCertificate().fingerprint256)
    socket.destroy()
  }
  return seen
}
