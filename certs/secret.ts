import type { Client } from '../src/kube/client.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../src/kube/errors.ts'
import type { ObjectKey, PartialObjectMetadata, ResourceType } from '../src/kube/object.ts'
import { isKeyPair, parseCertificate, splitPem } from './pem.ts'
import type { Bundle } from './renewal.ts'

/** Where Secrets are served. */
export const SECRETS: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

interface Secret extends PartialObjectMetadata {
  type?: string
  /** Values in base64. */
  data?: Record<string, string>
}

/**
 * Reads the bundle from its Secret, lets `renew` bring it up to date, and writes it back where it changed. Of several
 * replicas one wins: the name is the lock on creation, resourceVersion later; the others take what the winner wrote.
 */
export async function shareBundle(
  client: Client,
  key: ObjectKey,
  renew: (bundle: Bundle | undefined) => Promise<Bundle>,
): Promise<Bundle> {
  const secret = await client.get<Secret>(SECRETS, key)
  const old = secret && readBundle(secret)
  const bundle = await renew(old)
  if (bundle === old) return bundle
  try {
    if (secret) await client.update<Secret>(SECRETS, { ...secret, data: { ...secret.data, ...dataOf(bundle) } })
    else await client.create<Secret>(SECRETS, secretOf(key, bundle))
    return bundle
  } catch (error) {
    const lost = isConflict(error) || isAlreadyExists(error) || isNotFound(error)
    // A namespace that is missing or being deleted also says 404 or 403, to a create that no retry helps.
    if (!lost || (!secret && isNotFound(error))) throw error
    return shareBundle(client, key, renew)
  }
}

/** The bundle in a Secret; undefined where it holds none that can be read, so that a new one takes its place. */
function readBundle(secret: Secret): Bundle | undefined {
  const text = (name: string) => Buffer.from(secret.data?.[name] ?? '', 'base64').toString()
  const leaf = { cert: text('tls.crt'), key: text('tls.key') }
  const cas = splitPem(text('ca.crt'))
  if (!isKeyPair(leaf) || cas.length === 0 || !cas.every(parseCertificate)) return undefined
  return { leaf, cas, caKey: text('ca.key') }
}

const secretOf = ({ namespace, name }: ObjectKey, bundle: Bundle): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name, labels: { 'app.kubernetes.io/part-of': 'agentjob' } },
  type: 'kubernetes.io/tls',
  data: dataOf(bundle),
})

function dataOf({ leaf, cas, caKey }: Bundle): Record<string, string> {
  const texts = { 'tls.crt': leaf.cert, 'tls.key': leaf.key, 'ca.crt': cas.join(''), 'ca.key': caKey }
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]))
}
