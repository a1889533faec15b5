import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceAccountConnection } from './serviceaccount.ts'

const all = mkdtempSync(join(tmpdir(), 'serviceaccount-'))
afterAll(() => rmSync(all, { recursive: true }))

let directory: string
let made = 0
beforeEach(() => {
  directory = join(all, `pod-${made++}`)
  mkdirSync(directory)
  project({ token: 'one', 'ca.crt': 'first CA', namespace: 'operators' })
  for (const name of ['token', 'ca.crt', 'namespace']) symlinkSync(join('..data', name), join(directory, name))
})

/** Makes these the files of the volume as the kubelet does: by swapping a link, all at once. */
function project(files: Record<string, string>): void {
  const folder = `..${made}-${Math.random()}`
  mkdirSync(join(directory, folder))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, folder, name), text)
  symlinkSync(folder, join(directory, '..data_tmp'))
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'))
}

function given(env: Record<string, string> = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' }) {
  const clock = { ms: 0 }
  const connection = serviceAccountConnection({ env, serviceAccountDirectory: directory, now: () => clock.ms })
  return { connection: connection!, clock }
}

const options = (token: string, ca: string) => ({ ca: Buffer.from(ca), headers: { Authorization: `Bearer ${token}` } })

test('the API server is that of the environment, the namespace that of the pod', () => {
  expect(given().connection).toMatchObject({ server: 'https://10.0.0.1:6443', namespace: 'operators' })
  expect(given({ KUBERNETES_SERVICE_HOST: 'fd00::1' }).connection.server).toBe('https://[fd00::1]:443')
})

test('outside of a pod, or in one without a token, there is none', () => {
  expect(serviceAccountConnection({ env: {}, serviceAccountDirectory: directory })).toBeUndefined()
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
  expect(serviceAccountConnection({ env, serviceAccountDirectory: join(directory, 'no') })).toBeUndefined()
})

test('a token and a CA that the kubelet has replaced are used after 10 s, or at once when the server refused the old', async () => {
  const { connection, clock } = given()
  expect(await connection.requestOptions()).toEqual(options('one', 'first CA'))
  project({ token: 'two\n', 'ca.crt': 'second CA', namespace: 'operators' })
  clock.ms = 9_999
  expect(await connection.requestOptions()).toEqual(options('one', 'first CA'))
  clock.ms = 10_000
  expect(await connection.requestOptions()).toEqual(options('two', 'second CA'))
  project({ token: 'three', 'ca.crt': 'second CA', namespace: 'operators' })
  connection.refresh()
  expect(await connection.requestOptions()).toEqual(options('three', 'second CA'))
})

test('files that are missing are an error of the request, and are looked for again by the next one', async () => {
  const { connection } = given()
  project({ namespace: 'operators' })
  await expect(connection.requestOptions()).rejects.toThrow('ENOENT')
  project({ token: 'two', 'ca.crt': 'first CA', namespace: 'operators' })
  expect(await connection.requestOptions()).toEqual(options('two', 'first CA'))
})
