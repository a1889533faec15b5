import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** What a private key of ed25519 is in, as DER of PKCS #8 (RFC 8410): all of it but the 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Signs notifications; one key for all of them. */
export interface NotificationKey {
  /** As the specification has it: `whpk_` and the key in base64. */
  publicKey: string
  /** The headers of one attempt; `id` holds no full stop, `at` is when it is made. */
  headersOf(id: string, at: Date, body: string): Record<string, string>
}

/**
 * A key, out of its 32 secret bytes, for signatures after Standard Webhooks 1.0.0, asymmetric (ed25519, `v1a`):
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function notificationKey(seed: Uint8Array): NotificationKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  return {
    publicKey: `whpk_${rawOf(createPublicKey(key)).toString('base64')}`,
    headersOf(id, at, body) {
      const timestamp = String(Math.floor(at.getTime() / 1000))
      const signature = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key).toString('base64')
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` }
    },
  }
}

const rawOf = (key: KeyObject) => Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url')
