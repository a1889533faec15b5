import { expect, test } from 'bun:test'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TRACE_ANNOTATION, traceOf, traceparent } from '../../src/api/trace.ts'
import { registered, startOperatorAgain, startReplica, stopOperator } from './operators.ts'
import { agentJob, apply, echoRuntime, eventually, list, newNamespace, theWorld, untilPhase } from './world.ts'

const { cluster } = await theWorld()
const withPods = test.skipIf(!cluster.pods)

interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
}

/** Takes spans as a collector does. */
async function startCollector() {
  const spans: Span[] = []
  const server = createServer(async (request, answer) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
    answer.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, spans, close: () => server.close() }
}

withPods('admission, Job and pod are one trace, which Job and pod name', async () => {
  const namespace = await newNamespace()
  const collector = await startCollector()
  await stopOperator()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' }
  const traced = await startReplica({ name: 'traced', env })
  try {
    await registered(traced)
    await apply(namespace, [echoRuntime(), agentJob('runs')])
    const { status } = await untilPhase(namespace, 'runs', 'Succeeded')
    const of = traceOf(namespace, status?.jobName ?? '')
    const spans = await eventually(
      'the spans of the run',
      async () => collector.spans.filter(({ traceId }) => traceId === of.traceId),
      (found) => found.some(({ name }) => name === 'run') && found.some(({ name }) => name === 'agent'),
    )
    expect(spans.map(({ name }) => name).sort()).toEqual(['admission', 'agent', 'pod', 'run'])
    const named = (name: string) => spans.find((span) => span.name === name)
    expect(named('run')?.spanId).toBe(of.spanId)
    expect([named('admission'), named('pod')].map((span) => span?.parentSpanId)).toEqual([of.spanId, of.spanId])
    expect(named('agent')?.parentSpanId).toBe(named('pod')?.spanId)
    for (const plural of ['jobs', 'pods'])
      for (const { metadata } of await list(namespace, plural))
        expect(metadata.annotations?.[TRACE_ANNOTATION]).toBe(traceparent(of))
  } finally {
    await traced.stop()
    await startOperatorAgain()
    collector.close()
  }
})
