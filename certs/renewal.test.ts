import { beforeAll, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { issueCa } from './issue.ts'
import { subjectAltNames } from './pem.ts'
import { type Bundle, nextRenewal, renew, VALIDITY } from './renewal.ts'

const DAY = 86_400_000
const MINUTE = 60_000
const start = Date.UTC(2030, 0, 1)
const names = { dnsNames: ['agentjob.agents.svc'], ipAddresses: ['10.0.0.7'] }
const at = (ms: number, other: Partial<typeof names> = {}) => ({
  ...names,
  ...other,
  now: new Date(start + ms),
  validity: VALIDITY,
})

let fresh: Bundle
beforeAll(async () => {
  fresh = await renew(undefined, at(0))
})

/** What two bundles differ in, by name. */
function changes(old: Bundle, now: Bundle) {
  const leaf = new X509Certificate(now.leaf.cert)
  const signer = now.cas.findIndex((pem) => leaf.verify(new X509Certificate(pem).publicKey))
  return {
    leaf: old.leaf === now.leaf ? 'kept' : 'new',
    cas: now.cas.map((pem) => (old.cas.includes(pem) ? 'old' : 'new')).join(' '),
    signedBy: signer < 0 ? 'nobody' : now.cas[signer] === old.cas[0] ? 'old' : 'new',
  }
}

describe('renew', () => {
  test('from nothing: a CA and a leaf for all names', () => {
    const leaf = new X509Certificate(fresh.leaf.cert)
    expect(fresh.cas.length).toBe(1)
    expect(leaf.checkIssued(new X509Certificate(fresh.cas[0]!))).toBe(true)
    expect(subjectAltNames(leaf)).toEqual(names)
    expect(leaf.validToDate.getTime()).toBe(start + 90 * DAY)
    expect(leaf.validFromDate.getTime()).toBe(start - 5 * MINUTE)
  })

  const cases: { name: string; given: number; want: { leaf: string; cas: string; signedBy: string } | 'nothing' }[] = [
    { name: 'at once', given: 0, want: 'nothing' },
    { name: 'before two thirds of the leaf', given: 60 * DAY - 1000, want: 'nothing' },
    { name: 'at two thirds of the leaf', given: 60 * DAY, want: { leaf: 'new', cas: 'old', signedBy: 'old' } },
    { name: 'when the leaf has expired', given: 91 * DAY, want: { leaf: 'new', cas: 'old', signedBy: 'old' } },
    {
      name: 'at two thirds of the CA, the leaf expired: nobody trusts anything, so both',
      given: 730 * DAY,
      want: { leaf: 'new', cas: 'new old', signedBy: 'new' },
    },
    {
      name: 'when all has expired',
      given: 1096 * DAY,
      want: { leaf: 'new', cas: 'new', signedBy: 'new' },
    },
  ]
  test.each(cases)('$name', async ({ given, want }) => {
    const now = await renew(fresh, at(given))
    if (want === 'nothing') expect(now).toBe(fresh)
    else expect(changes(fresh, now)).toMatchObject(want)
  })

  test('a CA that is due is published first, and signs ten minutes later; the old one stays until it expires', async () => {
    const before = await renew(fresh, at(729 * DAY))
    const published = await renew(before, at(730 * DAY))
    expect(changes(before, published)).toMatchObject({ leaf: 'kept', cas: 'new old', signedBy: 'old' })
    // sixty days later the leaf is due as well
    const later = await renew(published, at(789 * DAY))
    expect(changes(published, later)).toMatchObject({ leaf: 'new', cas: 'old old', signedBy: 'old' })
    expect(new X509Certificate(later.leaf.cert).checkIssued(new X509Certificate(published.cas[0]!))).toBe(true)
    expect((await renew(later, at(1096 * DAY))).cas).not.toContain(fresh.cas[0])
  })

  test('CA and leaf due at the same time: the leaf waits for the CA to be known', async () => {
    const before = await renew(fresh, at(670 * DAY))
    const published = await renew(before, at(730 * DAY))
    expect(changes(before, published)).toMatchObject({ leaf: 'kept', cas: 'new old' })
    expect(await renew(published, at(730 * DAY + 9 * MINUTE))).toBe(published)
    const after = await renew(published, at(730 * DAY + 10 * MINUTE))
    expect(changes(published, after)).toMatchObject({ leaf: 'new', cas: 'old old', signedBy: 'old' })
    expect(new X509Certificate(after.leaf.cert).checkIssued(new X509Certificate(published.cas[0]!))).toBe(true)
  })

  test('a lost CA key: a new CA, the leaf that is trusted stays', async () => {
    const now = await renew({ ...fresh, caKey: '' }, at(DAY))
    expect(now.cas).toEqual([now.cas[0]!, fresh.cas[0]!])
    expect(now.leaf).toBe(fresh.leaf)
  })

  test('a leaf of a stranger, or without its key, is replaced', async () => {
    const stranger = await renew(undefined, at(0))
    for (const leaf of [stranger.leaf, { ...fresh.leaf, key: stranger.leaf.key }]) {
      const now = await renew({ ...fresh, leaf }, at(DAY))
      expect(new X509Certificate(now.leaf.cert).checkIssued(new X509Certificate(fresh.cas[0]!))).toBe(true)
      expect(now.cas).toEqual(fresh.cas)
    }
  })

  test('two replicas that want different names end with one leaf for both, until the next renewal', async () => {
    const other = { dnsNames: ['agentjob.other.svc'], ipAddresses: ['fd00::7'] }
    const both = await renew(fresh, at(DAY, other))
    expect(subjectAltNames(new X509Certificate(both.leaf.cert)).dnsNames.sort()).toEqual([
      'agentjob.agents.svc',
      'agentjob.other.svc',
    ])
    expect(await renew(both, at(DAY))).toBe(both)
    expect(await renew(both, at(DAY, other))).toBe(both)
    const renewed = await renew(both, at(62 * DAY))
    expect(subjectAltNames(new X509Certificate(renewed.leaf.cert))).toEqual(names)
  })

  test('a leaf never outlives its CA', async () => {
    const ca = await issueCa({ notBefore: new Date(start - DAY), notAfter: new Date(start + 31 * DAY) })
    const { leaf } = await renew({ leaf: { cert: '', key: '' }, cas: [ca.cert], caKey: ca.key }, at(0))
    expect(new X509Certificate(leaf.cert).validToDate.getTime()).toBe(start + 31 * DAY)
  })
})

describe('nextRenewal', () => {
  const cases = [
    { name: 'a new CA settles', given: 0, want: 10 * MINUTE },
    { name: 'two thirds of the leaf', given: DAY, want: 60 * DAY },
    { name: 'the end of a leaf that could not be renewed', given: 61 * DAY, want: 90 * DAY },
    { name: 'two thirds of the CA', given: 91 * DAY, want: 730 * DAY },
  ]
  test.each(cases)('$name', ({ given, want }) => {
    expect(nextRenewal(fresh, new Date(start + given)).getTime()).toBe(start + want)
  })
})
