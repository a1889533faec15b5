import { expect, test } from 'bun:test'
import { createMetrics } from './metrics.ts'

test('a scrape tells of the process and of the work, and goes over no heap for it', async () => {
  const { registry, reconciled, skipped } = createMetrics()
  reconciled('success', 0.002)
  skipped('ConcurrencyForbid', 2)
  const text = await registry.metrics()
  expect(text).toContain('controller_runtime_reconcile_total{controller="agentjob",result="success"} 1')
  expect(text).toContain('agentjob_skips_total{reason="ConcurrencyForbid"} 2')
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).not.toContain('heap_space')
})
