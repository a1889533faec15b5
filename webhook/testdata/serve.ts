// A listener in a process of its own, on whatever runtime runs this: answers an AdmissionReview, takes another of four
// certificates every ROTATE_MS, stops on SIGTERM with GRACE_MS, shares its port where SHARE_PORT is set. Prints its port and the CA as one line of JSON.
import { holdCertificate } from '../../certs/held.ts'
import { issueCa, issueLeaf } from '../../certs/issue.ts'
import type { Certificate } from '../../certs/source.ts'
import { startListener } from '../listener.ts'

const { PORT = '0', SHARE_PORT: sharePort, ROTATE_MS = '0', GRACE_MS = '0' } = process.env
const print = (fields: object, message: string) => console.error(message, fields)
const log = { debug() {}, info() {}, warn: print, error: print }

const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
const ca = await issueCa(period)
const certificates: Certificate[] = []
for (let i = 0; i < 4; i++) {
  const leaf = await issueLeaf(ca, { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] }, period)
  certificates.push({ ...leaf, ca: ca.cert, notAfter: period.notAfter })
}

const source = holdCertificate(certificates[0]!, { now: () => new Date(), reason: () => undefined })
const where = { port: Number(PORT), sharePort: Boolean(sharePort), hostname: '127.0.0.1' }
const listener = await startListener({ fetch: answer, source, ...where, log }).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
let next = 0
if (listener && Number(ROTATE_MS)) setInterval(() => source.replace(certificates[++next % 4]!), Number(ROTATE_MS))
// one that has not come up ends by itself, if nothing is left of it
if (listener) {
  process.on('SIGTERM', () => void listener.stop(Number(GRACE_MS)).then(() => process.exit(0)))
  console.log(JSON.stringify({ port: listener.port, ca: ca.cert }))
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const ms = Number(url.searchParams.get('ms'))
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms))
  const review = (await request.json()) as { request: { uid: string } }
  const padding = 'x'.repeat(Number(url.searchParams.get('padding')))
  const response = { uid: review.request.uid, allowed: true, patchType: 'JSONPatch', patch: 'W10=' }
  return Response.json({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response, padding })
}
