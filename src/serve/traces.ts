import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { AdmissionTraces } from '../../webhook/app.ts'
import { type Trace, traceOf } from '../api/trace.ts'
import type { PodTrace, RunTrace, RunTraces } from '../controller/traces.ts'
import { delay } from '../kube/delay.ts'
import type { Log } from '../kube/log.ts'
import { wentWell } from '../status/run.ts'

/** Where spans go; `stop` sends what is left, for two seconds at most. */
export type Traces = AdmissionTraces & RunTraces & { stop(): Promise<void> }

const STOP_MS = 2000

/**
 * Sends spans by OTLP over HTTP to where OTEL_EXPORTER_OTLP_ENDPOINT says, with the headers and limits of its other
 * variables. This file is loaded where that is set, and nowhere else: OpenTelemetry takes 15 MB.
 */
export function startTraces(log: Log): Traces {
  const ids = new GivenIds()
  const provider = new TracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({ 'service.name': 'agentjob' }).merge(
      detectResources({ detectors: [envDetector] }),
    ),
    spanProcessors: [new BatchSpanProcessor({ exporter: telling(new OTLPTraceExporter(), log) })],
  })
  const tracer = provider.getTracer('agentjob')
  return {
    admitted(o) {
      const attributes = { ...attributesOf(o), 'k8s.job.name': o.job, 'agentjob.operation': o.operation }
      const options = { kind: SpanKind.SERVER, startTime: o.startedAt, attributes }
      tracer.startSpan('admission', options, below(traceOf(o.namespace, o.job))).end()
    },
    ended: (run) => tell(tracer, ids, run),
    async stop() {
      await Promise.race([provider.shutdown().catch(() => {}), delay(STOP_MS)])
    },
  }
}

/** Spans are made anywhere in the trace, by whoever knows of a part: what they are below is known by its id alone. */
const below = (of: Trace): Context => trace.setSpanContext(ROOT_CONTEXT, { ...of, traceFlags: 1, isRemote: true })

/** The run and its attempts, after the fact. */
function tell(tracer: Tracer, ids: GivenIds, told: RunTrace): void {
  const { run, created, pods, namespace = '' } = told
  const startTime = timeOf(created ?? run.startTime)
  const endTime = timeOf(run.completionTime)
  if (!startTime || !endTime) return
  const of = traceOf(namespace, run.jobName)
  const { inputTokens, outputTokens, costUSD } = run.usage ?? {}
  const span = ids.use(of, () =>
    tracer.startSpan('run', {
      root: true,
      startTime,
      attributes: {
        ...attributesOf(told),
        'k8s.job.name': run.jobName,
        'k8s.job.uid': run.uid,
        'agentjob.phase': run.phase,
        'agentjob.reason': run.reason,
        'gen_ai.usage.input_tokens': inputTokens,
        'gen_ai.usage.output_tokens': outputTokens,
        'agentjob.cost_usd': costUSD === undefined ? undefined : Number(costUSD),
      },
    }),
  )
  for (const pod of pods) tellPod(tracer, of, pod, endTime)
  if (!wentWell(run.phase)) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(endTime)
}

function tellPod(tracer: Tracer, of: Trace, pod: PodTrace, end: Date): void {
  const attributes = { 'k8s.pod.name': pod.name, 'k8s.node.name': pod.node }
  const [created, started, finished] = [pod.created, pod.started, pod.finished].map(timeOf)
  if (!created) return
  const span = tracer.startSpan('pod', { startTime: created, attributes }, below(of))
  if (started) {
    const agent = { startTime: started, attributes: { ...attributes, 'process.exit.code': pod.exitCode } }
    const context = trace.setSpanContext(ROOT_CONTEXT, span.spanContext())
    tracer.startSpan('agent', agent, context).end(finished ?? end)
  }
  span.end(finished ?? end)
}

const attributesOf = (of: { namespace?: string; name?: string; revision?: string }) => ({
  'k8s.namespace.name': of.namespace,
  'agentjob.name': of.name,
  'agentjob.revision': of.revision,
})

const timeOf = (text: string | undefined): Date | undefined => (text ? new Date(text) : undefined)

/** Random ids, but for the span whose id others know already. */
class GivenIds implements IdGenerator {
  #random = new RandomIdGenerator()
  #given: Trace | undefined
  generateTraceId = () => this.#given?.traceId ?? this.#random.generateTraceId()
  generateSpanId = () => this.#given?.spanId ?? this.#random.generateSpanId()

  /** Does something synchronous, whose one span gets these ids. */
  use<T>(given: Trace, work: () => T): T {
    this.#given = given
    try {
      return work()
    } finally {
      this.#given = undefined
    }
  }
}

/** The same exporter; the first of several failures in a row is told of. */
function telling(exporter: SpanExporter, log: Log): SpanExporter {
  let failing = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== 0
        if (failed && !failing) log.warn({ err: result.error }, 'spans cannot be sent; they are dropped')
        failing = failed
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
