import { hash } from './hash.ts'

/** Annotation of a Job and its pods: the trace of the run, as W3C Trace Context writes it. */
export const TRACE_ANNOTATION = 'agentjob.io/traceparent'

/** Where a run's trace begins. */
export interface Trace {
  /** 32 hex digits. */
  traceId: string
  /** Of the span of the whole run; 16 hex digits. */
  spanId: string
}

/**
 * The trace of a run, by its Job. It is made of names alone, so that admission and controller name the same one without
 * having to tell each other, and an expansion stays what it is. A Job of that name that comes later has the same.
 */
export function traceOf(namespace: string, job: string): Trace {
  const digits = hash({ trace: `${namespace}/${job}` }, 48)
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32) }
}

/** As the annotation has it: https://www.w3.org/TR/trace-context/#traceparent-header */
export const traceparent = ({ traceId, spanId }: Trace): string => `00-${traceId}-${spanId}-01`
