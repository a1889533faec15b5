import { describe, expect, test } from 'bun:test'
import { cidr, isEverything, isWithin } from './cidr.ts'

const FORM = 'must be addresses in CIDR form, such as 192.0.2.10/32 or 2001:db8::/64'

const texts: { text: string; want?: string }[] = [
  { text: '10.0.0.0/8' },
  { text: '0.0.0.0/0' },
  { text: '192.0.2.10/32' },
  { text: '::/0' },
  { text: '2001:db8::/64' },
  { text: '2001:db8:0:0:1::/80' },
  { text: '10.1.0.0/8', want: 'has bits behind its prefix; write 10.0.0.0/8' },
  { text: '192.168.130.7/23', want: 'has bits behind its prefix; write 192.168.130.0/23' },
  { text: '2001:db8::1/64', want: 'has bits behind its prefix; write 2001:db8::/64' },
  { text: '10.0.0.1', want: `${FORM}; one address is 10.0.0.1/32` },
  { text: '2001:db8::1', want: `${FORM}; one address is 2001:db8::1/128` },
  { text: '10.0.0.0/33', want: FORM },
  { text: '010.0.0.0/8', want: FORM },
  { text: '::ffff:169.254.169.254/128', want: FORM },
  { text: '::ffff:a9fe:a9fe/128', want: FORM },
  { text: 'example.com', want: FORM },
  { text: '', want: FORM },
]

describe('addresses in CIDR form', () => {
  test.each(texts)('$text', ({ text, want }) =>
    expect(cidr.safeParse(text).error?.issues.map(({ message }) => message)).toEqual(
      want === undefined ? undefined : [want],
    ),
  )
})

const pairs: { inner: string; outer: string; want: boolean }[] = [
  { inner: '10.1.0.0/16', outer: '10.0.0.0/8', want: true },
  { inner: '10.0.0.0/8', outer: '10.0.0.0/8', want: true },
  { inner: '10.0.0.0/8', outer: '10.1.0.0/16', want: false },
  { inner: '10.0.0.0/8', outer: '10.0.0.0/16', want: false },
  { inner: '11.0.0.0/16', outer: '10.0.0.0/8', want: false },
  { inner: '192.168.128.0/17', outer: '192.168.0.0/16', want: true },
  { inner: '192.168.128.0/17', outer: '192.168.0.0/17', want: false },
  { inner: '203.0.113.7/32', outer: '0.0.0.0/0', want: true },
  { inner: '203.0.113.7/32', outer: '::/0', want: false },
  { inner: 'fd00:ec2::254/128', outer: 'fc00::/7', want: true },
  { inner: 'fe80::1/128', outer: 'fc00::/7', want: false },
  { inner: '2001:db8:1:8000::/49', outer: '2001:db8:1::/48', want: true },
  { inner: 'nothing', outer: '0.0.0.0/0', want: false },
]

test.each(pairs)('$inner is within $outer: $want', ({ inner, outer, want }) =>
  expect(isWithin(inner, outer)).toBe(want),
)

test('everything', () =>
  expect(['0.0.0.0/0', '::/0', '0.0.0.0/1', 'x'].map(isEverything)).toEqual([true, true, false, false]))
