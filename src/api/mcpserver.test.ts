import { describe, expect, test } from 'bun:test'
import { formatFinding } from './finding.ts'
import { API_VERSION } from './kind.ts'
import { mcpServer } from './mcpserver.ts'
import { validate } from './validate.ts'

const secret = { secretKeyRef: { name: 's', key: 'k' } }
const checked = (spec: unknown) =>
  validate(mcpServer, { apiVersion: API_VERSION, kind: 'McpServer', metadata: { name: 'mail' }, spec })

const errors: { name: string; given: unknown; want: string[] }[] = [
  { name: 'a command', given: { command: 'npx', args: ['-y'], env: [{ name: 'A', value: 'a' }] }, want: [] },
  { name: 'a url', given: { url: 'https://a.example', headers: [{ name: 'X-A', valueFrom: secret }] }, want: [] },
  { name: 'neither', given: {}, want: ['spec: exactly one of command and url must be set'] },
  {
    name: 'both, with everything',
    given: { command: 'x', url: 'http://x', args: ['a'], headers: [{ name: 'A', value: 'a' }] },
    want: [
      'spec: exactly one of command and url must be set',
      'spec: args and env go with command, not with url',
      'spec: headers go with url, not with command',
    ],
  },
  {
    name: 'env of a url',
    given: { url: 'http://x', env: [{ name: 'A', value: 'a' }] },
    want: ['spec: args and env go with command, not with url'],
  },
  { name: 'empty lists are none', given: { url: 'http://x', args: [], env: [] }, want: [] },
  {
    name: 'headers of a command',
    given: { command: 'x', headers: [{ name: 'A', value: 'a' }] },
    want: ['spec: headers go with url, not with command'],
  },
  {
    name: 'no value and two of them',
    given: { command: 'x', env: [{ name: 'A' }, { name: 'B', value: 'b', valueFrom: secret }] },
    want: [
      'spec.env[0]: exactly one of value and valueFrom must be set',
      'spec.env[1]: exactly one of value and valueFrom must be set',
    ],
  },
  {
    name: 'another scheme',
    given: { url: 'ftp://x' },
    want: ['spec.url: must be an http or https URL, not "ftp://x"'],
  },
  {
    name: 'no name of a header, and the rules all the same',
    given: { headers: [{ name: 'a b', value: '' }] },
    want: [
      'spec.headers[0].name: must be the name of an HTTP header, not "a b"',
      'spec: exactly one of command and url must be set',
    ],
  },
  {
    name: 'a key that no Secret has',
    given: { command: 'x', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: '..' } } }] },
    want: [
      'spec.env[0].valueFrom.secretKeyRef.key: must be a key of a Secret: letters, digits, "-", "_" and ".", not ".."',
    ],
  },
]

const IN_PLAIN_TEXT = 'in plain text, for everybody who may read this object; put it in a Secret and use valueFrom'
const headersWith = (header: object) => ({ url: 'https://x', headers: [{ name: 'X-A', value: 'a' }, header] })

const warnings: { name: string; given: unknown; want: string[] }[] = [
  { name: 'other headers', given: headersWith({ name: 'X-Authorization', value: 'x' }), want: [] },
  { name: 'from a Secret', given: headersWith({ name: 'Authorization', valueFrom: secret }), want: [] },
  {
    name: 'a literal header, in any case',
    given: headersWith({ name: 'authoriZation', value: 'Bearer x' }),
    want: [`spec.headers[1].value: stands ${IN_PLAIN_TEXT}`],
  },
  {
    name: 'a password in a url',
    given: { url: 'https://me:secret@x/y' },
    want: [`spec.url: holds a password ${IN_PLAIN_TEXT} in an Authorization header`],
  },
  {
    name: 'a whole command line',
    given: { command: 'npx -y server' },
    want: ['spec.command: is started as it stands, without a shell; put what follows the program into args'],
  },
  { name: 'a program with a space in its path', given: { command: '/opt/my tools/server' }, want: [] },
  { name: 'an @ in a path', given: { url: 'https://x/@scope' }, want: [] },
]

describe('McpServer', () => {
  for (const { name, given, want } of errors)
    test(name, () => expect(checked(given).errors.map(formatFinding)).toEqual(want))
  for (const { name, given, want } of warnings)
    test(`warns: ${name}`, () => expect(checked(given).warnings.map(formatFinding)).toEqual(want))
})
