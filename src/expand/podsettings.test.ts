import { expect, test } from 'bun:test'
import { fieldPath } from '../api/finding.ts'
import { PodSettings } from './podsettings.ts'

const refusals = (given: unknown) =>
  (PodSettings.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${fieldPath(path)}: ${message}`)

const PROXY = 'must be the URL of a proxy such as http://proxy.example.com:3128'
const USER =
  'must have no user and password in it, because everybody who may read a pod would read them; have the proxy know the cluster by its addresses'
const EXEMPT =
  'must be one host, domain, address or range of addresses, such as .svc or 10.0.0.0/8, without blanks and commas'

const refused: { name: string; given: object; want: string[] }[] = [
  {
    name: 'requests above limits, and parts of a byte',
    given: {
      resources: {
        requests: { cpu: 2, 'nvidia.com/gpu': 2, memory: '512m' },
        limits: { cpu: '1', 'nvidia.com/gpu': 1 },
      },
    },
    want: [
      'resources.requests.cpu: is 2, more than its limit of 1',
      'resources.requests["nvidia.com/gpu"]: is 2, more than its limit of 1',
      'resources.requests.memory: is 512m, thousandths of a byte; did you mean 512Mi?',
    ],
  },
  {
    name: 'another member of resources',
    given: { resources: { limit: { cpu: 1 } } },
    want: ['resources: Unrecognized key: "limit"'],
  },
  {
    name: 'names that are none',
    given: { caBundle: { configMap: 'Corp', key: 'a/b' } },
    want: [
      'caBundle.configMap: must be the name of an object: lower case letters, digits, "-" and "."',
      'caBundle.key: must be a key of a ConfigMap: letters, digits, "-", "_" and "."',
    ],
  },
  ...['http://me:secret@proxy.example.com', 'http://me@proxy.example.com:3128', 'me:secret@proxy.example.com'].map(
    (http) => ({
      name: http,
      given: { proxy: { http, https: http } },
      want: [`proxy.http: ${USER}`, `proxy.https: ${USER}`],
    }),
  ),
  ...[
    '',
    'proxy.example.com:3128',
    'socks5://proxy.example.com',
    'http://proxy.example.com/path',
    'http://proxy.example.com?a',
    'http://$(HOST):3128',
    'http://proxy .example.com',
  ].map((https) => ({ name: https, given: { proxy: { https } }, want: [`proxy.https: ${PROXY}`] })),
  {
    name: 'several in one',
    given: { proxy: { noProxy: ['.svc,.local', '10.0.0.0/8 .svc', '$(HOST)', 'http://a', ''] } },
    want: [0, 1, 2, 3, 4].map((index) => `proxy.noProxy[${index}]: ${EXEMPT}`),
  },
]
test.each(refused)('refused: $name', ({ given, want }) => expect(refusals(given)).toEqual(want))

test('taken', () => {
  const given = {
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
    caBundle: { configMap: 'corp-ca', key: 'bundle.pem' },
    proxy: {
      http: 'http://proxy.example.com:3128',
      https: 'https://[2001:db8::1]:3128/',
      noProxy: ['.svc', '*.example.com', '10.0.0.0/8', '2001:db8::/32', '[::1]:443', 'localhost:8080', '*'],
    },
  }
  expect(PodSettings.parse(given)).toEqual(given)
})
