import { afterEach, describe, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { issueCa, issueLeaf } from '../../certs/issue.ts'
import { type Answering, eventually, memoryLog, type ScriptedRequest, scripted } from '../../test/kube/scripted.ts'
import { createSender, type SenderOptions } from './send.ts'
import { notificationKey } from './signature.ts'

const KEY = notificationKey(new Uint8Array(32).fill(7))
const ABOUT = { namespace: 'agents', name: 'nightly' }
const NOW = new Date('2026-05-04T10:00:00Z')

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** A receiver on loopback, known as hooks.test, and what is sent to it. */
async function receiver(script: (request: ScriptedRequest, answer: Answering) => void, o: Partial<SenderOptions> = {}) {
  const server = await scripted(script)
  cleanups.push(() => server.close())
  const host = `hooks.test:${server.port}`
  const log = memoryLog()
  const send = createSender({
    settings: { hosts: [`http://${host}`], privateHosts: [] },
    key: () => KEY,
    now: () => NOW,
    log,
    resolve: async () => ['127.0.0.1'],
    isAllowed: (address) => address === '127.0.0.1',
    ...o,
  })
  const attempt = (path = '/', n = 0, signal = new AbortController().signal) =>
    send({ id: 'run-1', url: `http://${host}${path}`, body: '{"é":1}', about: ABOUT }, n, signal)
  return { ...server, host, log, attempt }
}

const answering = (status: number, headers?: Record<string, string>) => (_: ScriptedRequest, answer: Answering) =>
  answer.json(status, 'a secret of the receiver', headers)

test('what is sent: one POST, signed, with the host of the URL', async () => {
  const { attempt, requests, host } = await receiver(answering(204))
  expect(await attempt('/a%20b?c=d')).toEqual({ isDelivered: true, code: 204 })
  expect(requests).toMatchObject([{ method: 'POST', path: '/a%20b', body: '{"é":1}', connection: 1 }])
  expect(requests[0]?.query.get('c')).toBe('d')
  expect(requests[0]?.headers).toEqual({
    host,
    'content-type': 'application/json',
    'content-length': '8',
    'user-agent': 'agentjob',
    connection: 'close',
    ...KEY.headersOf('run-1', NOW, '{"é":1}'),
  })
})

const codes: { code: number; headers?: Record<string, string>; want: object }[] = [
  { code: 200, want: { isDelivered: true, code: 200 } },
  { code: 299, want: { isDelivered: true, code: 299 } },
  { code: 400, want: { isFinal: true, message: 'its receiver answered 400' } },
  // who does not know a new key yet, and who is being replaced
  { code: 401, want: { isFinal: false } },
  { code: 404, want: { isFinal: false } },
  { code: 410, want: { isFinal: true } },
  { code: 429, want: { isFinal: false, message: 'its receiver answered 429' } },
  { code: 429, headers: { 'Retry-After': '17' }, want: { isFinal: false, retryAfterMs: 17_000 } },
  { code: 500, want: { isFinal: false, message: 'its receiver answered 500' } },
  {
    code: 503,
    headers: { 'Retry-After': 'Mon, 04 May 2026 10:02:00 GMT' },
    want: { isFinal: false, retryAfterMs: 120_000 },
  },
  {
    code: 503,
    headers: { 'Retry-After': 'Mon, 04 May 2026 09:00:00 GMT' },
    want: { isFinal: false, retryAfterMs: undefined },
  },
  { code: 503, headers: { 'Retry-After': 'soon' }, want: { retryAfterMs: undefined } },
]
for (const { code, headers = {}, want } of codes)
  test(`an answer of ${code} ${Object.values(headers)}`, async () => {
    const { attempt } = await receiver(answering(code, headers))
    const said = await attempt()
    expect(said).toMatchObject({ code, ...want })
    expect(JSON.stringify(said)).not.toContain('secret')
  })

test('no log line has the path of a URL, which may be all that keeps it secret', async () => {
  const { attempt, log, host } = await receiver((_, answer) => answer.rst())
  await attempt('/services/T00/hush?token=hush')
  expect(log.entries.map(({ fields }) => fields)).toMatchObject([{ ...ABOUT, host }])
  expect(JSON.stringify(log.entries)).not.toContain('hush')
})

test('an answer with a number that HTTP does not have', async () => {
  const { attempt } = await receiver(answering(999))
  expect(await attempt()).toEqual({ isDelivered: false, isFinal: false, message: 'its receiver speaks no HTTP' })
})

for (const code of [301, 302, 303, 307, 308])
  test(`a redirect is a failure and is not followed: ${code}`, async () => {
    const { attempt, requests, host } = await receiver((request, answer) =>
      answering(request.path === '/' ? code : 200, { Location: `http://${host}/other` })(request, answer),
    )
    expect(await attempt()).toEqual({
      isDelivered: false,
      isFinal: true,
      message: `its receiver answered ${code}, and redirects are not followed`,
      code,
      retryAfterMs: undefined,
    })
    expect(requests).toHaveLength(1)
  })

describe('who is not sent to', () => {
  test('a host that the settings do not name, whatever it resolves to; nobody even asks for its address', async () => {
    const asked: string[] = []
    const resolve = async (hostname: string) => {
      asked.push(hostname)
      return ['127.0.0.1']
    }
    const settings = { hosts: ['hooks.test'], privateHosts: [] }
    const { attempt, requests } = await receiver(answering(200), { settings, resolve })
    expect(await attempt()).toEqual({
      isDelivered: false,
      isFinal: true,
      message: "the operator's settings do not allow its host",
    })
    expect([asked, requests]).toEqual([[], []])
  })

  test('anybody, without a key', async () => {
    const { attempt, requests } = await receiver(answering(200), { key: () => undefined })
    expect(await attempt()).toMatchObject({ isDelivered: false, isFinal: false })
    expect(requests).toEqual([])
  })

  test('a host with an address that is not allowed, be it one of several', async () => {
    for (const addresses of [['169.254.169.254'], ['127.0.0.1', '10.0.0.1']]) {
      const { attempt, requests, log, host } = await receiver(answering(200), { resolve: async () => addresses })
      const said = await attempt()
      expect(said).toEqual({
        isDelivered: false,
        isFinal: true,
        message: 'its host has an address that notifications may not go to',
      })
      expect(requests).toEqual([])
      expect(log.entries.map(({ fields }) => fields)).toEqual([{ ...ABOUT, host }])
    }
  })

  test('loopback, where nobody has replaced what decides', async () => {
    const { attempt, requests, host } = await receiver(answering(200), { isAllowed: undefined })
    expect(await attempt()).toMatchObject({ isFinal: true })
    const listed = { hosts: [], privateHosts: [`http://${host}`] }
    const other = await receiver(answering(200), { isAllowed: undefined, settings: listed })
    expect(await other.attempt()).toMatchObject({ isFinal: true })
    expect([...requests, ...other.requests]).toEqual([])
  })

  test('an address of a private network is asked for with the opt of the settings, and without it', async () => {
    const asked: boolean[] = []
    const isAllowed = (_: string, { isPrivate }: { isPrivate: boolean }) => {
      asked.push(isPrivate)
      return false
    }
    const { attempt, host } = await receiver(answering(200), { isAllowed })
    await attempt()
    const settings = { hosts: [], privateHosts: ['http://hooks.test'] }
    const send = createSender({
      settings,
      key: () => KEY,
      now: () => NOW,
      log: memoryLog(),
      resolve: async () => ['::1'],
      isAllowed,
    })
    await send({ id: 'a', url: 'http://hooks.test/', body: '', about: ABOUT }, 0, new AbortController().signal)
    expect(host).toStartWith('hooks.test')
    expect(asked).toEqual([false, true])
  })
})

test('a name is asked for once: what was checked is connected to, whatever the name says next', async () => {
  const answers = [['127.0.0.1'], ['169.254.169.254']]
  let asked = 0
  const resolve = async () => answers[asked++] ?? []
  const { attempt, requests } = await receiver(answering(200), { resolve })
  expect(await attempt()).toMatchObject({ isDelivered: true })
  expect([asked, requests.length]).toEqual([1, 1])
})

test('of several addresses each attempt takes another one', async () => {
  const o = { resolve: async () => ['127.0.0.1', '127.0.0.9'], isAllowed: () => true }
  const { attempt } = await receiver(answering(200), o)
  // nobody listens there
  const said = await Promise.all([0, 1, 2].map((n) => attempt('/', n)))
  expect(said).toMatchObject([
    { isDelivered: true },
    { isDelivered: false, isFinal: false, message: 'its receiver could not be reached' },
    { isDelivered: true },
  ])
})

describe('how long it takes', () => {
  const late = (error: object = {}) => ({ isDelivered: false, isFinal: false, ...error })
  const limitMs = 200

  test('no answer at all', async () => {
    const { attempt, open } = await receiver(() => {}, { limitMs })
    expect(await attempt()).toEqual(late({ message: 'its receiver did not answer within 0.2 s' }) as never)
    await eventually('the connection is closed', () => open() === 0)
  })

  test('a name that nobody answers for', async () => {
    const { attempt } = await receiver(answering(200), { limitMs, resolve: () => new Promise(() => {}) })
    expect(await attempt()).toMatchObject(late())
  })

  test('a name that there is not', async () => {
    const { attempt } = await receiver(answering(200), { resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    expect(await attempt()).toMatchObject(late({ message: 'its receiver could not be reached' }))
  })

  test('an answer that never ends is its status, and its connection is closed', async () => {
    const { attempt, open } = await receiver(
      (_, answer) => {
        answer.head()
        answer.chunk('x')
      },
      { limitMs: 2000 },
    )
    expect(await attempt()).toEqual({ isDelivered: true, code: 200 })
    await eventually('the connection is closed', () => open() === 0)
  })

  test('no more of an answer is read than a little', async () => {
    // it would last for longer than a test may
    const { attempt, open } = await receiver(
      (_, answer) => {
        answer.head()
        answer.chunk('x'.repeat(64 * 1024))
      },
      { limitMs: 300_000 },
    )
    expect(await attempt()).toEqual({ isDelivered: true, code: 200 })
    await eventually('the connection is closed', () => open() === 0)
  })

  test('an answer that is cut off before its status is none', async () => {
    const { attempt } = await receiver((_, answer) => answer.rst())
    expect(await attempt()).toMatchObject(late({ message: 'its receiver could not be reached' }))
  })

  test('nor is one that wants to speak another protocol, or none', async () => {
    const { attempt, open } = await receiver(answering(101, { Upgrade: 'x', Connection: 'Upgrade' }), { limitMs })
    expect(await attempt()).toMatchObject(late())
    const other = await receiver((_, answer) => answer.chunk('SSH-2.0-x'), { limitMs })
    expect(await other.attempt()).toMatchObject(late())
    await eventually('the connections are closed', () => open() + other.open() === 0)
  })

  test('who is no longer the leader sends no further', async () => {
    const leader = new AbortController()
    const { attempt } = await receiver(() => leader.abort(new Error('over')))
    await expect(attempt('/', 0, leader.signal)).rejects.toThrow('over')
  })
})

describe('over TLS', () => {
  /** A receiver whose certificate, of a CA of its own, is for these names; gives its port and its CA. */
  async function secure(dnsNames: string[], ipAddresses: string[] = []) {
    const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
    const ca = await issueCa(period)
    const leaf = await issueLeaf(ca, { dnsNames, ipAddresses }, period)
    const hosts: (string | undefined)[] = []
    const server = https.createServer({ cert: leaf.cert, key: leaf.key }, (request, response) => {
      hosts.push(request.headers.host)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const folder = await mkdtemp(join(tmpdir(), 'agentjob-notify-'))
    await writeFile(join(folder, 'ca.crt'), ca.cert)
    cleanups.push(
      () => server.close(),
      () => rm(folder, { recursive: true }),
    )
    return { port: (server.address() as AddressInfo).port, ca: join(folder, 'ca.crt'), hosts }
  }

  /** Sends to a name that leads to loopback, from a process with this environment. */
  async function sendOnce(url: string, env: Record<string, string>) {
    const script = join(import.meta.dirname, 'testdata', 'sendonce.ts')
    const run = 'Deno' in globalThis ? ['run', '--allow-all', '--no-check', '--no-lock'] : []
    const { stdout } = await promisify(execFile)(process.execPath, [...run, script, url, '127.0.0.1'], {
      env: { ...process.env, ...env },
      timeout: 30_000,
    })
    return JSON.parse(stdout)
  }

  const UNTRUSTED = {
    isDelivered: false,
    isFinal: false,
    message: 'the certificate of its receiver is not accepted',
  }

  test('to the address that was checked, with the name in the URL for its certificate; no proxy is asked', async () => {
    const { port, ca, hosts } = await secure(['hooks.test'])
    const proxies = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']
    const env = Object.fromEntries(proxies.map((name) => [name, 'http://127.0.0.1:9']))
    const said = await sendOnce(`https://hooks.test:${port}/`, {
      ...env,
      NO_PROXY: '',
      NODE_USE_ENV_PROXY: '1',
      NODE_EXTRA_CA_CERTS: ca,
    })
    expect(said).toEqual({ isDelivered: true, code: 200 })
    expect(hosts).toEqual([`hooks.test:${port}`])
  })

  test('whoever has no certificate for that name is told nothing', async () => {
    const { port, ca, hosts } = await secure(['other.test'], ['127.0.0.1'])
    expect(await sendOnce(`https://hooks.test:${port}/`, { NODE_EXTRA_CA_CERTS: ca })).toEqual(UNTRUSTED)
    expect(hosts).toEqual([])
  })

  test('nor is whoever has one of a CA that nobody trusts, whatever the environment says', async () => {
    const { port, hosts } = await secure(['hooks.test'])
    const env = { NODE_EXTRA_CA_CERTS: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    expect(await sendOnce(`https://hooks.test:${port}/`, env)).toEqual(UNTRUSTED)
    expect(hosts).toEqual([])
  })

  test('an address in the URL is proved by the certificate as well', async () => {
    const { port, ca } = await secure([], ['127.0.0.1'])
    expect(await sendOnce(`https://127.0.0.1:${port}/`, { NODE_EXTRA_CA_CERTS: ca })).toMatchObject({ code: 200 })
    const other = await secure(['hooks.test'])
    expect(await sendOnce(`https://127.0.0.1:${other.port}/`, { NODE_EXTRA_CA_CERTS: other.ca })).toEqual(UNTRUSTED)
  })
})
