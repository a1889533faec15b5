import { issueCa, issueLeaf } from '../../../certs/issue.ts'

const DAY_MS = 86_400_000

/** A CA of its own, and a certificate of that CA's for 127.0.0.1; good for a day. */
export async function proxyCertificate(): Promise<{ ca: string; cert: string; key: string }> {
  const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + DAY_MS) }
  const authority = await issueCa(period)
  const leaf = await issueLeaf(authority, { dnsNames: [], ipAddresses: ['127.0.0.1'] }, period)
  return { ca: authority.cert, ...leaf }
}
