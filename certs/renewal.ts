import { X509Certificate } from 'node:crypto'
import { issueCa, issueLeaf, type Names, type Period } from './issue.ts'
import { isKeyPair, type KeyPair, subjectAltNames } from './pem.ts'

/** Everything that replicas share: the serving certificate, and the CAs that clients are to trust. */
export interface Bundle {
  leaf: KeyPair
  /** The newest first; older ones stay until they expire, since certificates of theirs may still be served. */
  cas: string[]
  /** Private key of the newest CA; those of the older ones are gone. */
  caKey: string
}

/** How long certificates live, in milliseconds. A CA must live at least three times as long as a leaf. */
export interface Validity {
  leafMs: number
  caMs: number
}

const DAY_MS = 86_400_000
/** Of leaves that are to live so long; a CA costs its readers a change of trust, so it lasts for years. */
export const validityOf = (leafMs: number): Validity => ({ leafMs, caMs: Math.max(3 * 365 * DAY_MS, 3 * leafMs) })
/** cert-manager's 90 days for a leaf. */
export const VALIDITY: Validity = validityOf(90 * DAY_MS)
/** Clocks that are behind ours see a new certificate as valid, too. */
const SKEW_MS = 5 * 60_000
/** How long a CA is in caBundle before the first certificate of its own is served: ample for every API server to know. */
const SETTLE_MS = 10 * 60_000

/**
 * The bundle as it is to be at `now`: the same object where nothing is due. CA and leaf are renewed after two thirds of
 * their lives. A new CA signs nothing until clients had time to hear of it, unless there is no leaf that they trust now.
 */
export async function renew(old: Bundle | undefined, o: Names & { now: Date; validity: Validity }): Promise<Bundle> {
  const authority = await renewAuthority(old, o)
  const leaf = await renewLeaf(old?.leaf, authority, o)
  const same = old && leaf === old.leaf && authority.cas.length === old.cas.length && authority.caKey === old.caKey
  return same ? old : { ...authority, leaf }
}

/** When to renew again; `now` itself is never the answer. */
export function nextRenewal(bundle: Bundle, now: Date): Date {
  const leaf = new X509Certificate(bundle.leaf.cert)
  const ca = new X509Certificate(bundle.cas[0]!)
  const dates = [twoThirds(leaf), twoThirds(ca), settled(ca), leaf.validToDate].filter((date) => date > now)
  return new Date(Math.min(...dates.map(Number)))
}

type Authority = Omit<Bundle, 'leaf'>

async function renewAuthority(old: Bundle | undefined, o: { now: Date; validity: Validity }): Promise<Authority> {
  const cas = (old?.cas ?? []).filter((pem) => isValid(new X509Certificate(pem), o.now))
  const newest = cas[0] && isKeyPair({ cert: cas[0], key: old!.caKey }) ? new X509Certificate(cas[0]) : undefined
  if (newest && o.now < twoThirds(newest)) return { cas, caKey: old!.caKey }
  const issued = await issueCa(periodOf(o.now, o.validity.caMs))
  return { cas: [issued.cert, ...cas], caKey: issued.key }
}

async function renewLeaf(old: KeyPair | undefined, authority: Authority, o: Names & { now: Date; validity: Validity }) {
  const ca = new X509Certificate(authority.cas[0]!)
  const issue = (names: Names) => {
    const ms = Math.min(o.validity.leafMs, ca.validToDate.getTime() - o.now.getTime())
    return issueLeaf({ cert: authority.cas[0]!, key: authority.caKey }, names, periodOf(o.now, ms))
  }
  if (!old || !isTrusted(old, authority.cas, o.now)) return issue(o)
  const leaf = new X509Certificate(old.cert)
  if (!leaf.checkIssued(ca) && o.now < settled(ca)) return old
  if (o.now >= twoThirds(leaf)) return issue(o)
  // With the names of both: two replicas that want different ones must not take turns. Those that nobody wants any more
  // go with the next renewal.
  return covers(leaf, o) ? old : issue(union(o, subjectAltNames(leaf)))
}

function isTrusted(leaf: KeyPair, cas: string[], now: Date): boolean {
  if (!isKeyPair(leaf)) return false
  const certificate = new X509Certificate(leaf.cert)
  return isValid(certificate, now) && cas.some((ca) => certificate.verify(new X509Certificate(ca).publicKey))
}

const isValid = (certificate: X509Certificate, now: Date) => now < certificate.validToDate

const covers = (leaf: X509Certificate, { dnsNames, ipAddresses }: Names) =>
  dnsNames.every((name) => leaf.checkHost(name)) && ipAddresses.every((address) => leaf.checkIP(address))

const union = (a: Names, b: Names): Names => ({
  dnsNames: [...new Set([...a.dnsNames, ...b.dnsNames])],
  ipAddresses: [...new Set([...a.ipAddresses, ...b.ipAddresses])],
})

const periodOf = (now: Date, ms: number): Period => ({
  notBefore: new Date(now.getTime() - SKEW_MS),
  notAfter: new Date(now.getTime() + ms),
})

function twoThirds({ validFromDate, validToDate }: X509Certificate): Date {
  const issued = validFromDate.getTime() + SKEW_MS
  return new Date(issued + ((validToDate.getTime() - issued) * 2) / 3)
}

const settled = (ca: X509Certificate) => new Date(ca.validFromDate.getTime() + SKEW_MS + SETTLE_MS)
