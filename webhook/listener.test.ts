import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'

/** The same listener in a process of its own on each runtime; Node gets it bundled, since older ones read no types. */
const RUNTIMES = ['bun', 'node'] as const
type Runtime = (typeof RUNTIMES)[number]

const run = promisify(execFile)
let folder: string
let load: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listener-'))
  load = join(folder, 'load')
  const entrypoints = [join(import.meta.dirname, 'testdata/serve.ts')]
  const [built] = await Promise.all([
    Bun.build({ entrypoints, target: 'node', outdir: folder, naming: 'serve.mjs' }),
    run('go', ['build', '-o', load, join(import.meta.dirname, 'testdata/load/main.go')]),
  ])
  expect(built.success).toBe(true)
}, 120_000)

const running = new Set<ChildProcess>()
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

interface Served {
  port: number
  ca: string
  caFile: string
  child: ChildProcess
  /** Resolves with the exit code. */
  ended: Promise<number | null>
}

async function serve(runtime: Runtime, env: Record<string, string | number> = {}): Promise<Served> {
  const command = runtime === 'bun' ? [process.execPath, join(import.meta.dirname, 'testdata/serve.ts')] : ['node']
  if (runtime === 'node') command.push(join(folder, 'serve.mjs'))
  const strings = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
  const [file, ...args] = command as [string, ...string[]]
  const child = spawn(file, args, { env: { ...process.env, ...strings }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  let errors = ''
  child.stderr!.on('data', (data) => {
    errors += data
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (data) => resolve(String(data)))
    child.once('close', () => reject(new Error(`the server has ended: ${errors}`)))
  })
  const { port, ca } = JSON.parse(line) as { port: number; ca: string }
  const caFile = join(folder, `${port}.crt`)
  await writeFile(caFile, ca)
  return { port, ca, caFile, child, ended }
}

interface Report {
  requests: number
  errors: Record<string, number>
  certificates: number
  protocols: string[]
  closed: number
}

async function post(served: Served, ...flags: string[]): Promise<Report> {
  const url = `https://127.0.0.1:${served.port}/mutate`
  const { stdout } = await run(load, ['-url', url, '-ca', served.caFile, ...flags])
  return JSON.parse(stdout)
}

/** One request; `agent: false` makes a connection of its own. */
function ask(
  served: Served,
  path: string,
  body = '{"request":{"uid":"1"}}',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: served.port, ca: served.ca, path, method: 'POST', agent: false as const }
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe.each(RUNTIMES)('listener on %s', (runtime) => {
  test('a new certificate ten times a second: no error, on kept and on new connections', async () => {
    const served = await serve(runtime, { ROTATE_MS: 100 })
    const [kept, fresh] = await Promise.all([
      post(served, '-for', '1500ms', '-clients', '4'),
      post(served, '-for', '1500ms', '-clients', '4', '-new'),
    ])
    expect([kept.errors, fresh.errors]).toEqual([{}, {}])
    expect(fresh.certificates).toBe(4)
    expect(kept.requests).toBeGreaterThan(100)
    served.child.kill('SIGKILL')
  }, 20_000)

  test('stop: whoever is in the middle of its work is told to leave, and meets no error', async () => {
    const served = await serve(runtime, { GRACE_MS: 500 })
    const report = post(served, '-for', '10s', '-until-close')
    await Bun.sleep(300)
    served.child.kill('SIGTERM')
    expect(await report).toMatchObject({ errors: {}, closed: 8 })
    expect(await served.ended).toBe(0)
  }, 20_000)

  test('stop: new connections are answered within the grace, what is under way after it', async () => {
    const served = await serve(runtime, { GRACE_MS: 600 })
    served.child.kill('SIGTERM')
    await Bun.sleep(100)
    expect((await ask(served, '/mutate')).status).toBe(200)
    expect((await ask(served, '/mutate?ms=1200')).status).toBe(200)
    await expect(ask(served, '/mutate')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(await served.ended).toBe(0)
  })

  test.each(['never', 'once'])('stop: a connection that was used %s does not hold it up', async (used) => {
    const served = await serve(runtime)
    const socket = connect({ port: served.port, host: '127.0.0.1', ca: served.ca })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    if (used === 'once') {
      const body = '{"request":{"uid":"once"}}'
      socket.write(`POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toStartWith('HTTP/1.1 200')
    }
    socket.resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const started = performance.now()
    served.child.kill('SIGTERM')
    await closed
    expect(await served.ended).toBe(0)
    expect(performance.now() - started).toBeLessThan(1500)
  })

  test('8 MB there and back', async () => {
    const served = await serve(runtime)
    const padding = 'y'.repeat(8_000_000)
    const body = JSON.stringify({ request: { uid: 'large', padding } })
    const { status, text } = await ask(served, `/mutate?padding=${8_000_000}`, body)
    expect(status).toBe(200)
    expect(text.length).toBeGreaterThan(8_000_000)
    expect(JSON.parse(text).response.uid).toBe('large')
    served.child.kill('SIGKILL')
  })

  test('clients that vanish take nobody with them', async () => {
    const served = await serve(runtime)
    for (let i = 0; i < 50; i++) {
      const socket = connect({ port: served.port, host: '127.0.0.1', ca: served.ca })
      socket.on('error', () => {})
      if (i % 2) await new Promise((resolve) => socket.once('secureConnect', resolve))
      socket.write('POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
      socket.destroy()
    }
    expect((await ask(served, '/mutate')).status).toBe(200)
    served.child.kill('SIGKILL')
  })

  test('TLS 1.2 at least, HTTP/1.1 also for a client that would rather have HTTP/2', async () => {
    const served = await serve(runtime)
    const old = await post(served, '-tls', '1.1', '-for', '50ms', '-clients', '1')
    expect(Object.keys(old.errors).join()).toContain('tls: protocol version not supported')
    const want = { errors: {}, protocols: ['HTTP/1.1'] }
    for (const version of ['1.2', '1.3']) {
      expect(await post(served, '-h2', '-tls', version, '-for', '50ms', '-clients', '1')).toMatchObject(want)
    }
    served.child.kill('SIGKILL')
  })

  test('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    await expect(serve(runtime, { PORT: port })).rejects.toThrow('EADDRINUSE')
    taken.close()
  })
})
