import { expect, test } from 'bun:test'
import { isAllowed } from './addresses.ts'

type Verdict = 'public' | 'private' | 'never'
const cases: [Verdict, string[]][] = [
  ['public', ['93.184.215.14', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.32.0.1', '2606:4700::1111', '2a00::1']],
  ['private', ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', 'fc00::1']],
  ['never', ['127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '0.1.2.3', '::']],
  // the metadata of clouds, and what is beside a node
  ['never', ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd00:0ec2:0::254']],
  ['never', ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'fd00::1%eth0', 'fec0::1']],
  // IPv4 in IPv6: mapped, compatible, translated, 6to4, Teredo
  ['never', ['::ffff:10.0.0.1', '::ffff:93.184.215.14', '::ffff:7f00:1', '::127.0.0.1', '::7f00:1']],
  ['never', ['::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2001::1']],
  [
    'never',
    [
      '224.0.0.1',
      '255.255.255.255',
      '240.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      'ff02::1',
      '2001:db8::1',
      '100::1',
      '1::1',
      '4000::1',
    ],
  ],
  ['never', ['', 'localhost', '10.0.0.1.', '10.0.0.1 ', '1.1.1.1/32', 'fd00::1/64', '1.1.1.1:80']],
]

for (const [verdict, addresses] of cases)
  test.each(addresses)(`${verdict}: %s`, (address) => {
    expect(isAllowed(address, { isPrivate: false })).toBe(verdict === 'public')
    expect(isAllowed(address, { isPrivate: true })).toBe(verdict !== 'never')
  })

// what BSD's libc takes for an address, and a resolver hands on, is none here or the one that it means
test.each(['0x7f000001', '2130706433', '127.1', '0177.0.0.1', '0'])('an address in disguise: %s', (address) =>
  expect(isAllowed(address, { isPrivate: true })).toBe(false),
)
