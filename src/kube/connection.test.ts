import { afterAll, expect, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConnection } from './connection.ts'

const folder = mkdtempSync(join(tmpdir(), 'connection-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** A connection as this user of a kubeconfig, and a clock that stands still. */
function given(user: object, cluster: object = {}) {
  const content = {
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  const clock = { ms: 0 }
  const kubeconfig = file('config', JSON.stringify(content))
  return { connection: loadConnection({ kubeconfig, now: () => clock.ms }), clock }
}

test('server, namespace and user are those of the context', () => {
  const { connection } = given({ token: 't' })
  expect(connection).toMatchObject({ server: 'https://127.0.0.1:6443', namespace: 'default', user: 'u' })
})

test('certificates, token and CA, and no agent of the kubeconfig', async () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const user = { 'client-certificate': file('crt', 'cert'), 'client-key-data': base64('key'), token: 't' }
  const { connection } = given(user, { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'k8s' })
  expect(await connection.requestOptions()).toEqual({
    ca: Buffer.from('ca'),
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
    servername: 'k8s',
    headers: { Authorization: 'Bearer t' },
  })
})

test('plain http and an untrusted server, where the kubeconfig says so', async () => {
  expect(await given({}, { server: 'http://127.0.0.1' }).connection.requestOptions()).toMatchObject({ headers: {} })
  const { connection } = given({}, { 'insecure-skip-tls-verify': true })
  expect(await connection.requestOptions()).toMatchObject({ rejectUnauthorized: false })
})

test('a token file is read again after 10 s, or at once when the server refused it', async () => {
  const tokenFile = file('token', 'one\n')
  const { connection, clock } = given({ tokenFile })
  const authorization = async () => (await connection.requestOptions()).headers
  expect(await authorization()).toEqual({ Authorization: 'Bearer one' })
  file('token', 'two\n')
  clock.ms = 9_999
  expect(await authorization()).toEqual({ Authorization: 'Bearer one' })
  clock.ms = 10_000
  expect(await authorization()).toEqual({ Authorization: 'Bearer two' })
  file('token', 'three\n')
  connection.refresh()
  expect(await authorization()).toEqual({ Authorization: 'Bearer three' })
})

test('a credential plugin runs once for all, again when expired or refused, and its failure is told', async () => {
  const count = file('count', '')
  const plugin = file(
    'plugin',
    `#!/bin/sh
echo run >> ${count}
n=$(wc -l < ${count})
[ -e ${folder}/broken ] && { echo "log in first" >&2; exit 1; }
echo '{"status":{"token":"'$n'","expirationTimestamp":"'$(cat ${folder}/expires)'"}}'
`,
  )
  chmodSync(plugin, 0o755)
  file('expires', '2999-01-01T00:00:00Z')
  const { connection, clock } = given({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin' } })
  const token = async () => (await connection.requestOptions()).headers as unknown
  const bearer = (n: number) => ({ Authorization: `Bearer ${n}` })
  expect(await Promise.all([token(), token()])).toEqual([bearer(1), bearer(1)])
  clock.ms = 10_000
  expect(await token()).toEqual(bearer(1))
  file('expires', '2001-01-01T00:00:00Z')
  connection.refresh()
  expect(await token()).toEqual(bearer(2))
  clock.ms = 20_000
  expect(await token()).toEqual(bearer(3))
  file('broken', '')
  clock.ms = 30_000
  await expect(token()).rejects.toThrow('log in first')
  rmSync(join(folder, 'broken'))
  expect(await token()).toEqual(bearer(5))
})
