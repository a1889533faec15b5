import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { traceOf } from '../api/trace.ts'
import type { RunTrace } from '../controller/traces.ts'
import { startTraces } from './traces.ts'

interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code: number }
  attributes: { key: string; value: object }[]
}

let server: Server
let status = 200
const bodies: string[] = []
beforeAll(async () => {
  server = createServer(async (request, answer) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    answer.writeHead(status).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  server.close()
})

const warnings: string[] = []
const log = { debug() {}, info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) }

/** The spans that arrive of what is told. */
async function spansOf(tell: (traces: ReturnType<typeof startTraces>) => void): Promise<Span[]> {
  bodies.length = 0
  const traces = startTraces(log)
  tell(traces)
  await traces.stop()
  return bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  })
}

const RUN: RunTrace = {
  ...{ namespace: 'agents', name: 'task', revision: '1' },
  run: { jobName: 'task-1', phase: 'Failed', reason: 'Error', completionTime: '2026-05-04T09:00:30Z' },
  created: '2026-05-04T09:00:01Z',
  pods: [
    {
      ...{ name: 'task-1-abc', node: 'n1', created: '2026-05-04T09:00:02Z', exitCode: 1 },
      ...{ started: '2026-05-04T09:00:10Z', finished: '2026-05-04T09:00:20Z' },
    },
    { name: 'task-1-def', created: '2026-05-04T09:00:22Z' },
  ],
}
const seconds = ({ startTimeUnixNano: start, endTimeUnixNano: end }: Span) => (Number(end) - Number(start)) / 1e9

test('admission, run, attempts and agent are one trace, whoever tells of them', async () => {
  const startedAt = Date.now() - 5
  const admitted = { namespace: 'agents', name: 'task', revision: '1', job: 'task-1', operation: 'CREATE', startedAt }
  const spans = [
    ...(await spansOf((traces) => traces.admitted(admitted))),
    // another process
    ...(await spansOf((traces) => traces.ended(RUN))),
  ]
  const { traceId, spanId } = traceOf('agents', 'task-1')
  expect(spans.map((span) => span.traceId)).toEqual(spans.map(() => traceId))
  const named = (name: string) => spans.filter((span) => span.name === name)
  const [run, admission, agent] = ['run', 'admission', 'agent'].map((name) => named(name)[0] as Span)
  expect(run).toMatchObject({ spanId, status: { code: 2 } })
  expect(run?.parentSpanId).toBeUndefined()
  expect([admission, ...named('pod')].map((span) => span?.parentSpanId)).toEqual([spanId, spanId, spanId])
  expect(agent?.parentSpanId).toBe(named('pod').find((pod) => pod.spanId === agent?.parentSpanId)?.spanId)
  expect(new Set(spans.map((span) => span.spanId)).size).toBe(spans.length)
  expect([seconds(run as Span), seconds(agent as Span)]).toEqual([29, 10])
  expect(run?.attributes).toContainEqual({ key: 'agentjob.name', value: { stringValue: 'task' } })
})

test('a run that succeeded is no error; one without times is no span', async () => {
  const run = { ...RUN.run, phase: 'Succeeded' as const }
  const spans = await spansOf((traces) => {
    traces.ended({ ...RUN, run, pods: [] })
    traces.ended({ ...RUN, run: { ...run, completionTime: undefined } })
  })
  expect(spans.map(({ name, status }) => `${name} ${status.code}`)).toEqual(['run 0'])
})

test('nobody takes them: that is told, and nothing else happens', async () => {
  status = 400
  await spansOf((traces) => traces.ended(RUN))
  expect(warnings).toEqual(['spans cannot be sent; they are dropped'])
})
