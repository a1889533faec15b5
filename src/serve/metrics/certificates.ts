import { Counter, Gauge, type Registry } from 'prom-client'
import type { CertificateMetrics } from '../../../certs/metrics.ts'

/** What there is to know of the serving certificate; the first two under controller-runtime's names. */
export function certificateMetrics(registers: Registry[]): CertificateMetrics {
  const reads = new Counter({
    name: 'certwatcher_read_certificate_total',
    help: 'How often the serving certificate was read, out of its files or its Secret.',
    registers,
  })
  const errors = new Counter({
    name: 'certwatcher_read_certificate_errors_total',
    help: 'How often the serving certificate could not be read.',
    registers,
  })
  const expiry = new Gauge({
    name: 'agentjob_certificate_expiration_timestamp_seconds',
    help: 'When the certificate expires that the webhook serves, in seconds since 1970; 0 where it serves none.',
    registers,
  })
  return {
    read(ok) {
      reads.inc()
      if (!ok) errors.inc()
    },
    serving: (notAfter) => expiry.set(notAfter.getTime() / 1000),
  }
}
