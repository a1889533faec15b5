import { createPrivateKey } from 'node:crypto'
import type { KeyPair } from './pem.ts'

/** From when to when. */
export interface Period {
  notBefore: Date
  notAfter: Date
}

/** What a serving certificate is for. */
export interface Names {
  dnsNames: string[]
  ipAddresses: string[]
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** It takes 20 MB and a tenth of a second to load, which a process that finds a good certificate need not spend. */
const loadX509 = () => import('./x509.ts')

/** A new CA (ECDSA P-256) that signs serving certificates and nothing else. */
export async function issueCa(period: Period): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const id = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...period,
    keys,
    signingAlgorithm: ALGORITHM,
    // each CA has a name of its own, so that several in one bundle are told apart
    name: [{ CN: [`agentjob-webhook-ca-${id.keyId.slice(0, 8)}`] }],
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      id,
    ],
  })
  return { cert: pemOf(cert.toString('pem')), key: await privateKeyOf(keys) }
}

/** A new serving certificate with a new key (ECDSA P-256), signed by `ca`. */
export async function issueLeaf(ca: KeyPair, names: Names, period: Period): Promise<KeyPair> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const issuer = new x509.X509Certificate(ca.cert)
  const pkcs8 = createPrivateKey(ca.key).export({ type: 'pkcs8', format: 'der' })
  const cert = await x509.X509CertificateGenerator.create({
    ...period,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    issuer: issuer.subject,
    subject: [{ CN: ['agentjob-webhook'] }],
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dnsNames.map((value) => ({ type: 'dns' as const, value })),
        ...names.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: pemOf(cert.toString('pem')), key: await privateKeyOf(keys) }
}

const generateKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<CryptoKeyPair>

async function privateKeyOf(keys: CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' })
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const pemOf = (pem: string) => `${pem.trim()}\n`
