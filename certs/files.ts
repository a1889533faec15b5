import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { delay } from '../src/kube/delay.ts'
import type { Log } from '../src/kube/log.ts'
import { holdCertificate } from './held.ts'
import { type CertificateMetrics, counted } from './metrics.ts'
import { isKeyPair, parseCertificate } from './pem.ts'
import type { Certificate, CertificateSource } from './source.ts'

/** Which files to follow. */
export interface FilesOptions {
  /** Holds tls.crt, tls.key and, if there is one, ca.crt: a mounted Secret of type kubernetes.io/tls. */
  directory: string
  signal: AbortSignal
  log: Log
  /** How often the files are read; 10 s unless said. */
  intervalMs?: number
  metrics?: CertificateMetrics
  now?: () => Date
}

/**
 * Serves the certificate of a folder, as cert-manager and the kubelet keep it. The content is read again and again: the
 * kubelet swaps a link, which file watches miss. A certificate without its key, or half of one, changes nothing; the old
 * pair is served, and is a problem only once it has expired. Rejects when there is no pair to start with.
 */
export async function startFiles(o: FilesOptions): Promise<CertificateSource> {
  let failure: string | undefined
  const read = counted(() => readPair(o.directory), o.metrics)
  const held = holdCertificate(await read(), {
    now: o.now ?? (() => new Date()),
    reason: () => failure,
  })
  const follow = async () => {
    while (!o.signal.aborted) {
      await delay(o.intervalMs ?? 10_000, o.signal)
      const before = failure
      try {
        held.replace(await read())
        failure = undefined
      } catch (error) {
        failure = (error as Error).message
        if (failure !== before) o.log.warn({ err: error }, 'still serving the old certificate')
      }
    }
  }
  // it ends with the signal alone
  follow().catch(() => {})
  return held
}

async function readPair(directory: string): Promise<Certificate> {
  const read = (name: string) => readFile(join(directory, name), 'utf8')
  const [cert, key, ca] = await Promise.all([
    read('tls.crt'),
    read('tls.key'),
    read('ca.crt').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    }),
  ])
  const leaf = parseCertificate(cert)
  if (!leaf) throw new Error(`${join(directory, 'tls.crt')} holds no certificate in PEM`)
  if (!isKeyPair({ cert, key })) {
    throw new Error(`${join(directory, 'tls.key')} is not the private key of the certificate in tls.crt`)
  }
  return { cert, key, ca, notAfter: leaf.validToDate }
}
