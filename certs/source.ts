/** A serving certificate with its key, all PEM. */
export interface Certificate {
  /** The leaf first, then what links it to the CA. */
  cert: string
  key: string
  /** One or several CAs, for caBundle; '' when unknown. */
  ca: string
  /** Of the leaf. */
  notAfter: Date
}

/** Where the serving certificate comes from. What follows a renewal asks `onChange`, never a timer of its own. */
export interface CertificateSource {
  /** The one to serve now. */
  current(): Certificate
  /** Calls `listener` with each certificate that replaces the current one, until the returned function is called. */
  onChange(listener: (certificate: Certificate) => void): () => void
  /** Why the current certificate does not do (expired, unreadable files, …); readiness fails with this sentence. */
  problem(): string | undefined
}
