import { createPrivateKey, X509Certificate } from 'node:crypto'

/** A certificate, perhaps with what links it to its CA, and its private key; both PEM. */
export interface KeyPair {
  cert: string
  key: string
}

/** The certificates of a PEM text, one by one, each ending in a newline; what stands between them is dropped. */
export function splitPem(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => `${block}\n`)
}

/** The first certificate of a PEM text; undefined where there is none that can be read. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** Whether the key is that of the (first) certificate; false also where one of the two can't be read. */
export function isKeyPair({ cert, key }: KeyPair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/** The DNS names and IP addresses that a certificate is for. */
export function subjectAltNames(certificate: X509Certificate): { dnsNames: string[]; ipAddresses: string[] } {
  const entries = (certificate.subjectAltName ?? '').split(', ')
  const valuesOf = (type: string) =>
    entries.filter((entry) => entry.startsWith(`${type}:`)).map((entry) => entry.slice(type.length + 1))
  return { dnsNames: valuesOf('DNS'), ipAddresses: valuesOf('IP Address') }
}
