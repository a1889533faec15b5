import { expect, test } from 'bun:test'
import { traceOf, traceparent } from './trace.ts'

test('a trace follows from the names: the same for the same Job, another one for every other', () => {
  const traces = [traceOf('a', 'b-1'), traceOf('a', 'b-2'), traceOf('b', 'b-1')]
  expect(traceOf('a', 'b-1')).toEqual(traces[0]!)
  expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(3)
  expect(new Set(traces.map(({ spanId }) => spanId)).size).toBe(3)
})

test('the annotation is a traceparent', () =>
  expect(traceparent(traceOf('a', 'b-1'))).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/))
