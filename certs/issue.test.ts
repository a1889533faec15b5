import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCa, issueLeaf } from './issue.ts'
import { isKeyPair } from './pem.ts'

const now = Date.now()
const period = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) }
const names = {
  dnsNames: ['agentjob.agents.svc', 'agentjob.agents.svc.cluster.local'],
  ipAddresses: ['10.0.0.7', 'fd00::7'],
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'issue-'))
  execFileSync('go', ['build', '-o', join(folder, 'verify'), join(import.meta.dirname, 'testdata/verify/main.go')])
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What Go, and so the API server, says about a certificate under each of some names. */
function goVerify(cas: string[], cert: string, ...names: string[]): string[] {
  writeFileSync(join(folder, 'ca.crt'), cas.join(''))
  writeFileSync(join(folder, 'tls.crt'), cert)
  const output = execFileSync(join(folder, 'verify'), [join(folder, 'ca.crt'), join(folder, 'tls.crt'), ...names])
  return output.toString().trim().split('\n')
}

test('Go accepts a leaf under each of its names, and under no other', async () => {
  const ca = await issueCa(period)
  const leaf = await issueLeaf(ca, names, period)
  expect(goVerify([ca.cert], leaf.cert, ...names.dnsNames, ...names.ipAddresses)).toEqual(['ok', 'ok', 'ok', 'ok'])
  const [dns, ip] = goVerify([ca.cert], leaf.cert, 'agentjob.other.svc', '10.0.0.8')
  expect(dns).toContain('not agentjob.other.svc')
  expect(ip).toContain('not 10.0.0.8')
})

test('Go finds the right CA of a bundle, and refuses a stranger', async () => {
  const [old, next, stranger] = await Promise.all([issueCa(period), issueCa(period), issueCa(period)])
  const leaves = await Promise.all([old, next, stranger].map((ca) => issueLeaf(ca, names, period)))
  const [byOld, byNext, byStranger] = leaves.map(({ cert }) => goVerify([next.cert, old.cert], cert, '10.0.0.7')[0])
  expect([byOld, byNext]).toEqual(['ok', 'ok'])
  expect(byStranger).toContain('signed by unknown authority')
})

test('Go refuses one that has expired', async () => {
  const ca = await issueCa(period)
  const leaf = await issueLeaf(ca, names, { ...period, notAfter: new Date(now - 1000) })
  expect(goVerify([ca.cert], leaf.cert, '10.0.0.7')[0]).toContain('has expired')
})

test('a leaf signs nothing, a CA serves nothing; keys are ECDSA P-256 in PKCS #8', async () => {
  const ca = await issueCa(period)
  const leaf = await issueLeaf(ca, names, period)
  expect([new X509Certificate(ca.cert).ca, new X509Certificate(leaf.cert).ca]).toEqual([true, false])
  expect(goVerify([ca.cert], ca.cert, 'agentjob.agents.svc')[0]).not.toBe('ok')
  for (const pair of [ca, leaf]) {
    expect(isKeyPair(pair)).toBe(true)
    expect(pair.key).toStartWith('-----BEGIN PRIVATE KEY-----\n')
    const { asymmetricKeyDetails } = new X509Certificate(pair.cert).publicKey
    expect(asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  }
})
