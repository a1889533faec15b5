/** What is counted of serving certificates; the names in brackets are controller-runtime's. */
export interface CertificateMetrics {
  /**
   * The certificate was read from where it comes from, or could not be (`certwatcher_read_certificate_total`,
   * `certwatcher_read_certificate_errors_total`).
   */
  read(ok: boolean): void
  /** Clients get a certificate that is valid until then (`agentjob_certificate_expiration_timestamp_seconds`). */
  serving(notAfter: Date): void
}

/** The same reading, counted. */
export const counted =
  <T>(read: () => Promise<T>, metrics: CertificateMetrics | undefined) =>
  async (): Promise<T> => {
    let ok = false
    try {
      const found = await read()
      ok = true
      return found
    } finally {
      metrics?.read(ok)
    }
  }
