import { WEBHOOK_CONFIGURATIONS } from '../../certs/cabundle.ts'
import { issueLeaf, type Period } from '../../certs/issue.ts'
import { SECRETS } from '../../certs/secret.ts'
import { CERTIFICATE_SECRET } from '../../src/install/rights.ts'
import { WEBHOOK_CONFIGURATION } from '../../src/install/webhookconfiguration.ts'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { NAMESPACE } from '../operator/install.ts'
import type { CertificateFault } from './schedule/faults.ts'

const SECRET = { namespace: NAMESPACE, name: CERTIFICATE_SECRET }
const DAY_MS = 86_400_000

/**
 * Does something to the webhook's self-signed certificate. Real processes have no clock of their own to set: instead of
 * letting time pass, it puts a certificate there whose time has passed.
 */
export async function harm(client: Client, fault: CertificateFault, address: string): Promise<void> {
  if (fault === 'deleted') return void (await client.delete(SECRETS, SECRET))
  if (fault === 'ca-bundle-emptied') {
    const operations = [{ op: 'remove' as const, path: '/webhooks/0/clientConfig/caBundle' }]
    return void (await client.jsonPatch(WEBHOOK_CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION }, operations))
  }
  const secret = await client.get<KubeObject & { data: Record<string, string> }>(SECRETS, SECRET)
  if (!secret) return
  const data = fault === 'half-written' ? halfOf(secret.data) : await leafOf(secret.data, periodOf(fault), address)
  await client.mergePatch(SECRETS, SECRET, { data })
}

const halfOf = ({ 'tls.key': key = '' }: Record<string, string>) => {
  const bytes = Buffer.from(key, 'base64')
  return { 'tls.key': bytes.subarray(0, bytes.length / 2).toString('base64') }
}

function periodOf(fault: 'renewed' | 'aged' | 'expired'): Period {
  const from = (days: number) => new Date(Date.now() + days * DAY_MS)
  if (fault === 'renewed') return { notBefore: from(-1), notAfter: from(89) }
  return fault === 'aged' ? { notBefore: from(-80), notAfter: from(10) } : { notBefore: from(-91), notAfter: from(-1) }
}

async function leafOf(data: Record<string, string>, period: Period, address: string) {
  const text = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString()
  const [cert = ''] = text('ca.crt').split(/(?<=-----END CERTIFICATE-----\n)/)
  const leaf = await issueLeaf({ cert, key: text('ca.key') }, { dnsNames: [], ipAddresses: [address] }, period)
  return Object.fromEntries(
    Object.entries({ 'tls.crt': leaf.cert, 'tls.key': leaf.key }).map(([name, pem]) => [
      name,
      Buffer.from(pem).toString('base64'),
    ]),
  )
}
