import type { Certificate, CertificateSource } from './source.ts'

/** A source whose certificate somebody replaces. */
export interface HeldCertificate extends CertificateSource {
  /** Makes it the current one and tells the listeners; the same one again is no change. */
  replace(certificate: Certificate): void
}

/**
 * Holds the current certificate. It is a problem once it has expired by `now`; `reason` then says why there is no newer
 * one, if that is known.
 */
export function holdCertificate(
  first: Certificate,
  o: { now: () => Date; reason(): string | undefined },
): HeldCertificate {
  let current = first
  const listeners = new Set<(certificate: Certificate) => void>()
  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    problem() {
      if (o.now() < current.notAfter) return undefined
      const expired = `the serving certificate expired at ${current.notAfter.toISOString()}`
      const reason = o.reason()
      return reason ? `${expired}: ${reason}` : expired
    },
    replace(certificate) {
      const { cert, key, ca } = current
      if (cert === certificate.cert && key === certificate.key && ca === certificate.ca) return
      current = certificate
      for (const listener of listeners) listener(certificate)
    },
  }
}
