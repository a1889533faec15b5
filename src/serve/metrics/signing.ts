import { Gauge, type Registry } from 'prom-client'
import type { SigningMetrics } from '../../signing/metrics.ts'

/** By it one sees that every replica knows of a new key. */
export function signingMetrics(registers: Registry[]): SigningMetrics {
  const epoch = new Gauge({
    name: 'agentjob_signing_epoch',
    help: 'The epoch of the key that this process signs expansions with; 0 until it knows its keys.',
    registers,
  })
  return { signsUnder: (number) => epoch.set(number) }
}
