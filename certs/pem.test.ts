import { expect, test } from 'bun:test'
import { issueCa } from './issue.ts'
import { isKeyPair, parseCertificate, splitPem } from './pem.ts'

const period = { notBefore: new Date(Date.now() - 1000), notAfter: new Date(Date.now() + 60_000) }
const [one, two] = await Promise.all([issueCa(period), issueCa(period)])

test('splitPem', () => {
  const cases = [
    { name: 'nothing', given: '', want: [] },
    { name: 'one', given: one.cert, want: [one.cert] },
    { name: 'comments, blank lines, no newline at the end', given: `# a\n${one.cert}\n# b\n${two.cert.trim()}` },
    { name: 'carriage returns are kept inside', given: one.cert.replaceAll('\n', '\r\n'), want: 1 },
    { name: 'a key is none', given: one.key, want: [] },
    { name: 'half of one is none', given: one.cert.slice(0, 200), want: [] },
  ]
  for (const { name, given, want = [one.cert, two.cert] } of cases) {
    const parts = splitPem(given)
    expect({ name, parts: typeof want === 'number' ? parts.length : parts }).toEqual({ name, parts: want })
    for (const part of parts) expect(parseCertificate(part)).toBeDefined()
  }
})

test('isKeyPair', () => {
  const cases = [
    { name: 'its own', given: one, want: true },
    { name: 'the first of a chain counts', given: { cert: one.cert + two.cert, key: one.key }, want: true },
    { name: "another's", given: { cert: one.cert, key: two.key }, want: false },
    { name: 'half a certificate', given: { cert: one.cert.slice(0, 200), key: one.key }, want: false },
    { name: 'half a key', given: { cert: one.cert, key: one.key.slice(0, 100) }, want: false },
    { name: 'nothing', given: { cert: '', key: '' }, want: false },
  ]
  for (const { name, given, want } of cases) expect({ name, pair: isKeyPair(given) }).toEqual({ name, pair: want })
})
