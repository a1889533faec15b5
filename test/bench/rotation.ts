import { setTimeout as sleep } from 'node:timers/promises'
import { issueLeaf } from '../../certs/issue.ts'
import { SECRETS } from '../../certs/secret.ts'
import { CERTIFICATE, certificateData } from './webhookload.ts'
import type { World } from './world.ts'

const EVERY_MS = 300

/**
 * Puts a new certificate of the same CA into the operator's Secret again and again, as a renewal does, until `work` has
 * ended.
 */
export async function whileRotating<T>(world: World, work: () => Promise<T>): Promise<T> {
  const ca = { cert: await certificateData(world, 'ca.crt'), key: await certificateData(world, 'ca.key') }
  let going = true
  const rotate = async () => {
    while (going) {
      const names = { dnsNames: [], ipAddresses: [world.cluster.hostAddress] }
      const now = Date.now()
      const leaf = await issueLeaf(ca, names, {
        notBefore: new Date(now - 300_000),
        notAfter: new Date(now + 86_400_000),
      })
      const base64 = (text: string) => Buffer.from(text).toString('base64')
      const data = { 'tls.crt': base64(leaf.cert), 'tls.key': base64(leaf.key) }
      await world.client.mergePatch(SECRETS, CERTIFICATE, { data })
      await sleep(EVERY_MS)
    }
  }
  const rotating = rotate()
  try {
    return await work()
  } finally {
    going = false
    await rotating
  }
}
