import { expect, test } from 'bun:test'
import { notificationKey } from './signature.ts'

/** What the specification's own library in Go has in its test of a signature. */
const SEED = Buffer.from('VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=', 'base64')
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const AT = new Date(1_614_265_330_900)
const BODY = '{"test": 2432232314}'

test('a signature is that of the specification', () =>
  expect(notificationKey(SEED).headersOf(ID, AT, BODY)).toEqual({
    'webhook-id': ID,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
  }))

/** Whether a signature holds, by WebCrypto. */
async function holds(publicKey: string, headers: Record<string, string>, body: string): Promise<boolean> {
  const raw = Buffer.from(publicKey.replace('whpk_', ''), 'base64')
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
  const [version, signature = ''] = (headers['webhook-signature'] ?? '').split(',')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const isGood = await crypto.subtle.verify('Ed25519', key, Buffer.from(signature, 'base64'), Buffer.from(signed))
  return version === 'v1a' && isGood
}

test('it holds by the public key, for this message, in UTF-8, and for no other', async () => {
  const { publicKey, headersOf } = notificationKey(SEED)
  const headers = headersOf(ID, AT, '{"result":"é ☃"}')
  expect(await holds(publicKey, headers, '{"result":"é ☃"}')).toBe(true)
  expect(await holds(publicKey, headers, '{"result":"e ☃"}')).toBe(false)
  expect(await holds(publicKey, { ...headers, 'webhook-id': 'other' }, '{"result":"é ☃"}')).toBe(false)
  expect(await holds(notificationKey(SEED.map((byte) => byte + 1)).publicKey, headers, '{"result":"é ☃"}')).toBe(false)
})
