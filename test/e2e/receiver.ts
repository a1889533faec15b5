import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCa, issueLeaf } from '../../certs/issue.ts'

/** What a receiver was sent. */
export interface Received {
  path: string
  headers: Record<string, string>
  body: string
}

/** A receiver of notifications on this host. */
export interface Receiver {
  /** HOST:PORT */
  host: string
  /** File with the certificate of the CA that its own is of (PEM). */
  ca: string
  /** What came to a path, whatever it was answered with. */
  at(path: string): Received[]
  /** How requests to a path are answered from now on: with a status, or not at all. 200 unless said. */
  answer(path: string, status: number | 'never', headers?: Record<string, string>): void
  stop(): Promise<void>
}

/** Starts one over TLS at an address of this host. */
export async function startReceiver(address: string): Promise<Receiver> {
  const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) }
  const ca = await issueCa(period)
  const { cert, key } = await issueLeaf(ca, { dnsNames: [], ipAddresses: [address] }, period)
  const received: Received[] = []
  const answers = new Map<string, { status: number | 'never'; headers?: Record<string, string> }>()
  const server = https.createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = request.url ?? ''
    received.push({
      path,
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks).toString(),
    })
    const { status, headers } = answers.get(path) ?? { status: 200 }
    if (status !== 'never') response.writeHead(status, headers).end('what nobody but the receiver should know')
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-receiver-'))
  await writeFile(join(folder, 'ca.crt'), ca.cert)
  return {
    host: `${address}:${(server.address() as AddressInfo).port}`,
    ca: join(folder, 'ca.crt'),
    at: (path) => received.filter((one) => one.path === path),
    answer: (path, status, headers) => void answers.set(path, { status, headers }),
    async stop() {
      server.close()
      server.closeAllConnections()
      await rm(folder, { recursive: true })
    },
  }
}

/**
 * Whether a request is signed as Standard Webhooks has it, by a key in the form in which it is published; with WebCrypto,
 * which nothing of the operator uses. https://www.standardwebhooks.com
 */
export async function isSigned({ headers, body }: Received, publicKey: string): Promise<boolean> {
  if (!publicKey.startsWith('whpk_')) return false
  const raw = Buffer.from(publicKey.slice('whpk_'.length), 'base64')
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  const age = Date.now() / 1000 - Number(headers['webhook-timestamp'])
  for (const one of (headers['webhook-signature'] ?? '').split(' ')) {
    const [version, signature = ''] = one.split(',')
    if (version !== 'v1a') continue
    if (await crypto.subtle.verify('Ed25519', key, Buffer.from(signature, 'base64'), signed)) return Math.abs(age) < 300
  }
  return false
}
