import { afterEach, describe, expect, test } from 'bun:test'
import { eventually, plainConnection, scripted } from '../../test/kube/scripted.ts'
import { type ApiError, TransportError } from './errors.ts'
import type { KubeMetrics } from './metrics.ts'
import { createTransport, type Transport } from './transport.ts'

type Server = Awaited<ReturnType<typeof scripted>>
const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** A transport to a server with a script. */
async function given(script: Parameters<typeof scripted>[0], o?: { metrics: KubeMetrics }) {
  const server = await scripted(script)
  const transport = createTransport(server.connection, o)
  open.push(transport, server)
  return { server, transport }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

describe('request', () => {
  test('sends JSON with its headers and query, and parses the answer', async () => {
    const { server, transport } = await given((_, answer) => answer.json(201, { metadata: { name: 'a' } }))
    const query = { dryRun: 'All', fieldManager: undefined, labelSelector: 'a=b,c' }
    const { status, body } = await transport.request({ method: 'POST', path: '/api/v1/x', query, body: { ä: 1 } })
    expect({ status, body }).toEqual({ status: 201, body: { metadata: { name: 'a' } } })
    const [request] = server.requests
    expect(request).toMatchObject({ method: 'POST', path: '/api/v1/x', body: '{"ä":1}' })
    expect([...request!.query]).toEqual([
      ['dryRun', 'All'],
      ['labelSelector', 'a=b,c'],
    ])
    expect(request!.headers).toMatchObject({ accept: 'application/json', 'content-type': 'application/json' })
    expect(request!.headers['user-agent']).toBe('agentjob')
  })

  // agents.ts says why Deno's POSTs have a connection each
  const afresh = 'Deno' in globalThis ? [1, 2, 3] : [1, 1, 1]
  for (const [method, body, want] of [['GET', undefined, [1, 1, 1]] as const, ['POST', {}, afresh] as const])
    test(`keeps its connection: ${method}`, async () => {
      const { server, transport } = await given((_, answer) => answer.json(200, {}))
      for (let i = 0; i < 3; i++) await transport.request({ method, path: '/', body })
      expect(server.requests.map((r) => r.connection)).toEqual([...want])
    })

  test('answers in text where there is no JSON', async () => {
    const { transport } = await given((_, answer) => answer.json(200, 'ok'))
    expect((await transport.request({ method: 'GET', path: '/readyz' })).body).toBe('ok')
  })

  test('goes below the path of the server', async () => {
    const server = await scripted((_, answer) => answer.json(200, {}))
    const transport = createTransport(plainConnection(`http://127.0.0.1:${server.port}/clusters/c1/`))
    open.push(server, transport)
    await transport.request({ method: 'GET', path: '/api' })
    expect(server.requests[0]!.path).toBe('/clusters/c1/api')
  })

  test('passes warnings on', async () => {
    const header = '299 - "spec.a is deprecated", 299 - "say \\"b\\", please" "Sat, 21 Nov 2026 00:00:00 GMT"'
    const { transport } = await given((_, answer) => answer.json(200, {}, { Warning: header }))
    const { warnings } = await transport.request({ method: 'GET', path: '/' })
    expect(warnings).toEqual(['spec.a is deprecated', 'say "b", please'])
  })
})

describe('refusals', () => {
  const cases = [
    {
      name: 'a Status becomes an ApiError',
      given: [422, { kind: 'Status', message: 'no', reason: 'Invalid', details: { causes: [{ field: 'spec.a' }] } }],
      want: { status: 422, message: 'no', reason: 'Invalid', causes: [{ field: 'spec.a' }] },
    },
    {
      name: 'a page of a proxy too',
      given: [502, '<html>\n  bad gateway'],
      want: { status: 502, message: '<html> bad gateway', reason: '', causes: [] },
    },
    {
      name: 'an empty one too',
      given: [504, ''],
      want: { status: 504, message: 'the API server answered 504', reason: '', causes: [] },
    },
  ] as const
  for (const {
    name,
    given: [status, body],
    want,
  } of cases) {
    test(name, async () => {
      const { transport } = await given((_, answer) => answer.json(status, body))
      const error = (await failureOf(transport.request({ method: 'POST', path: '/' }))) as ApiError
      const { message, reason, causes } = error
      expect({ status: error.status, message, reason, causes: [...causes] }).toEqual({
        ...want,
        causes: [...want.causes],
      })
    })
  }
})

describe('sent again', () => {
  const busy = { kind: 'Status', message: 'busy', reason: 'TooManyRequests' }
  const cases = [
    { name: '429 with Retry-After', method: 'POST', first: [429, busy, { 'Retry-After': '0' }], times: 2 },
    { name: '503 with Retry-After', method: 'PUT', first: [503, busy, { 'Retry-After': '0' }], times: 2 },
    { name: '429 without', method: 'GET', first: [429, busy], times: 1 },
    { name: '500 with Retry-After', method: 'GET', first: [500, busy, { 'Retry-After': '0' }], times: 1 },
    { name: '401, once', method: 'POST', first: [401, busy], times: 2 },
  ] as const
  for (const { name, method, first, times } of cases) {
    test(`${name}: ${times} requests`, async () => {
      const { server, transport } = await given((_, answer) =>
        server.requests.length === 1 ? answer.json(first[0], first[1], first[2]) : answer.json(200, {}),
      )
      const error = await failureOf(transport.request({ method, path: '/', body: {} }))
      expect(server.requests.length).toBe(times)
      expect(error === undefined).toBe(times === 2)
    })
  }

  test('waits as long as Retry-After says, and no longer than the signal', async () => {
    const { server, transport } = await given((_, answer) => answer.json(429, busy, { 'Retry-After': '9' }))
    const started = performance.now()
    const error = await failureOf(transport.request({ method: 'GET', path: '/', signal: AbortSignal.timeout(100) }))
    expect((error as Error).name).toBe('TimeoutError')
    expect(server.requests.length).toBe(1)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('gives up after a while', async () => {
    const { server, transport } = await given((_, answer) => answer.json(429, busy, { 'Retry-After': '0' }))
    const error = (await failureOf(transport.request({ method: 'GET', path: '/' }))) as ApiError
    expect(error.status).toBe(429)
    expect(server.requests.length).toBe(6)
  })

  test('401 takes fresh credentials', async () => {
    const server = await scripted((request, answer) =>
      request.headers.authorization === 'Bearer new' ? answer.json(200, {}) : answer.json(401, {}),
    )
    let token = 'old'
    const transport = createTransport({
      ...server.connection,
      requestOptions: async () => ({ headers: { Authorization: `Bearer ${token}` } }),
      refresh: () => {
        token = 'new'
      },
    })
    open.push(server, transport)
    expect((await transport.request({ method: 'POST', path: '/', body: {} })).status).toBe(200)
  })
})

describe('a kept-alive connection that the server closes on the next request', () => {
  for (const how of ['fin', 'rst'] as const) {
    const script = (server: () => Server) => (_: unknown, answer: Parameters<Parameters<typeof scripted>[0]>[1]) =>
      server().requests.length === 2 ? answer[how]() : answer.json(200, {})

    test(`${how}: a GET is sent again`, async () => {
      const { server, transport } = await given((r, answer) => script(() => server)(r, answer))
      for (let i = 0; i < 2; i++) await transport.request({ method: 'GET', path: '/' })
      expect(server.requests.map((r) => r.connection)).toEqual([1, 1, 2])
    })

    test(`${how}: a POST is not`, async () => {
      const { server, transport } = await given((r, answer) => script(() => server)(r, answer))
      const post = () => transport.request({ method: 'POST', path: '/', body: {} })
      await post()
      expect(await failureOf(post())).toBeInstanceOf(TransportError)
      expect(server.requests.length).toBe(2)
    })
  }

  test('on a new connection a GET is not sent again either', async () => {
    const { server, transport } = await given((_, answer) => answer.rst())
    expect(await failureOf(transport.request({ method: 'GET', path: '/' }))).toBeInstanceOf(TransportError)
    expect(server.requests.length).toBe(1)
  })
})

describe('no answer', () => {
  test('refused', async () => {
    const { server, transport } = await given(() => {})
    server.close()
    const error = (await failureOf(transport.request({ method: 'GET', path: '/x' }))) as TransportError
    expect(error.code).toBe('ECONNREFUSED')
    expect(error.message).toStartWith(`GET http://127.0.0.1:${server.port}/x: `)
  })

  test('another protocol', async () => {
    const { transport } = await given((_, answer) => answer.json(101, '', { Upgrade: 'x', Connection: 'Upgrade' }))
    const error = (await failureOf(transport.request({ method: 'GET', path: '/', timeoutMs: 5000 }))) as TransportError
    expect(error).toMatchObject({ name: 'TransportError', message: expect.stringContaining('changed the protocol') })
  })

  test('not in time', async () => {
    const { server, transport } = await given(() => {})
    const error = (await failureOf(transport.request({ method: 'GET', path: '/x', timeoutMs: 50 }))) as TransportError
    expect(error).toBeInstanceOf(TransportError)
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'ETIMEDOUT',
      message: 'GET /x: no answer within 0.05 s',
    })
    expect(server.requests.length).toBeLessThanOrEqual(1) // nothing is sent twice
  })

  test('not whole in time', async () => {
    const { transport } = await given((_, answer) => {
      answer.head()
      answer.chunk('{"items":')
    })
    const error = (await failureOf(transport.request({ method: 'GET', path: '/x', timeoutMs: 80 }))) as TransportError
    expect(error.code).toBe('ETIMEDOUT')
  })

  test('cut off', async () => {
    const { transport } = await given((_, answer) => {
      answer.head()
      answer.chunk('{"items":')
      answer.fin()
    })
    expect(await failureOf(transport.request({ method: 'GET', path: '/x' }))).toBeInstanceOf(TransportError)
  })

  test('aborted: the reason of the signal, before and while it is under way', async () => {
    const { transport } = await given(() => {})
    const reason = new Error('enough')
    const before = transport.request({ method: 'GET', path: '/', signal: AbortSignal.abort(reason) })
    expect(await failureOf(before)).toBe(reason)
    const controller = new AbortController()
    const during = failureOf(transport.request({ method: 'GET', path: '/', signal: controller.signal }))
    setTimeout(() => controller.abort(reason), 20)
    expect(await during).toBe(reason)
  })

  test('no credentials', async () => {
    const { server } = await given(() => {})
    const requestOptions = async () => Promise.reject(new Error('plugin not found\n'))
    const transport = createTransport({ ...server.connection, requestOptions })
    const error = (await failureOf(transport.request({ method: 'GET', path: '/x' }))) as TransportError
    expect(error.message).toBe(`no credentials for ${server.connection.server}: plugin not found`)
  })
})

describe('streams', () => {
  async function read(transport: Transport, o: { idleTimeoutMs?: number; signal?: AbortSignal } = {}) {
    const lines: string[] = []
    try {
      for await (const line of transport.lines({ path: '/w', ...o })) lines.push(line)
    } catch (error) {
      return { lines, error: error as TransportError }
    }
    return { lines, error: undefined }
  }

  test('lines and UTF-8 sequences may be cut anywhere', async () => {
    const text = '{"a":"ä€😀"}\n\n{"b":2}\n'
    const { transport } = await given((_, answer) => {
      answer.head()
      for (const byte of Buffer.from(text)) answer.chunk(Uint8Array.of(byte))
      answer.end()
    })
    expect(await read(transport)).toEqual({ lines: ['{"a":"ä€😀"}', '', '{"b":2}'], error: undefined })
  })

  for (const how of ['fin', 'rst'] as const) {
    test(`half a line, then ${how}: the line is dropped, the end is an error`, async () => {
      const { transport } = await given((_, answer) => {
        answer.head()
        answer.chunk('{"a":1}\n{"b"')
        setTimeout(() => answer[how](), 30)
      })
      const { lines, error } = await read(transport)
      expect(lines).toEqual(['{"a":1}'])
      expect(error).toBeInstanceOf(TransportError)
    })
  }

  test('silence beyond the idle limit', async () => {
    const { server, transport } = await given((_, answer) => {
      answer.head()
      for (const ms of [60, 120, 180]) setTimeout(() => answer.chunk(`${ms}\n`), ms)
    })
    const { lines, error } = await read(transport, { idleTimeoutMs: 100 })
    expect(lines).toEqual(['60', '120', '180'])
    expect(error?.message).toBe('GET /w: nothing came for 0.1 s')
    await eventually('no connection is open', () => server.open() === 0)
  })

  test('an abort, and a reader that has enough, close the connection', async () => {
    const { server, transport } = await given((_, answer) => {
      answer.head()
      answer.chunk('1\n')
    })
    const { lines, error } = await read(transport, { signal: AbortSignal.timeout(60) })
    expect({ lines, name: error?.name }).toEqual({ lines: ['1'], name: 'TimeoutError' })
    for await (const line of transport.lines({ path: '/w' })) {
      expect(line).toBe('1')
      break
    }
    await eventually('no connection is open', () => server.open() === 0)
  })

  test('take no connection away from requests', async () => {
    const server = await scripted((request, answer) => (request.path === '/w' ? answer.head() : answer.json(200, {})))
    const transport = createTransport(server.connection, { maxSockets: 1 })
    open.push(server, transport)
    const stop = new AbortController()
    const watches = [read(transport, { signal: stop.signal }), read(transport, { signal: stop.signal })]
    expect((await transport.request({ method: 'GET', path: '/' })).status).toBe(200)
    stop.abort()
    await Promise.all(watches)
  })
})

test('every attempt is counted with its code', async () => {
  const counted: string[] = []
  const metrics = { requested: (method: string, code: string) => void counted.push(`${method} ${code}`) }
  const { server, transport } = await given(
    (_, answer) => {
      if (server.requests.length === 1) answer.json(429, {}, { 'Retry-After': '0' })
      else if (server.requests.length === 2) answer.json(200, {})
      else answer.rst()
    },
    { metrics: metrics as unknown as KubeMetrics },
  )
  await transport.request({ method: 'GET', path: '/' })
  await failureOf(transport.request({ method: 'POST', path: '/' }))
  expect(counted).toEqual(['GET 429', 'GET 200', 'POST <error>'])
})
