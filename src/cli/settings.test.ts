import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Settings } from '../expand/settings.ts'
import { readSettings } from './settings.ts'

const folder = await mkdtemp(join(tmpdir(), 'agentjob-settings-'))
afterAll(() => rm(folder, { recursive: true }))
async function file(text: string): Promise<string> {
  const path = join(folder, `${Bun.hash(text)}.yaml`)
  await writeFile(path, text)
  return path
}
const NEWER = 'logLevel: warn\nspeed: 3\nimages: {git: a:1, hg: b:1}\n'
const failureOf = (read: Promise<unknown>) =>
  read.then(
    () => [],
    (error: { lines: string[] }) => error.lines,
  )

test('an unknown setting is refused', async () => {
  const path = await file(NEWER)
  expect(await failureOf(readSettings(path))).toEqual([
    expect.stringMatching(/:3:20: images.hg: no such setting; there are git, url$/),
    expect.stringMatching(/:2:1: speed: no such setting; there are libraryNamespace, .*, logLevel$/),
  ])
})

test('or left out and told of, where somebody listens', async () => {
  const told: string[] = []
  const settings = await readSettings(await file(NEWER), { onUnknown: (words) => told.push(words) })
  expect(settings).toEqual(Settings.parse({ logLevel: 'warn', images: { git: 'a:1' } }))
  expect(told.map((words) => words.replace(/^.*: (.*: no such setting);.*/, '$1'))).toEqual([
    'images.hg: no such setting',
    'speed: no such setting',
  ])
})

test('what is wrong with a known one is refused in any case', async () => {
  const path = await file('speed: 3\nmissingReferences: deny\n')
  const lines = await failureOf(readSettings(path, { onUnknown: () => {} }))
  expect(lines).toEqual([expect.stringMatching(/:2:1: missingReferences: must be Warn or Deny, not "deny"$/)])
})

test('what every pod gets is refused with its place, and no password is told', async () => {
  const path = await file(
    'pods:\n  resources: {requests: {cpu: 2}, limits: {cpu: 1}}\n  proxy:\n    http: http://me:secret@proxy\n',
  )
  const lines = await failureOf(readSettings(path))
  expect(lines).toEqual([
    expect.stringMatching(/:2:26: pods.resources.requests.cpu: is 2, more than its limit of 1$/),
    expect.stringMatching(/:4:5: pods.proxy.http: must have no user and password in it,/),
  ])
  expect(lines.join()).not.toContain('secret')
})

test('a resource that is misspelt is told with the one that is meant', async () => {
  const lines = await failureOf(readSettings(await file('pods: {resources: {limits: {memmory: 1Gi}}}\n')))
  expect(lines).toEqual([expect.stringMatching(/:1:29: pods.resources.limits.memmory: .*; did you mean memory\?$/)])
})

/** The first line that `agentjob serve` logs with settings. */
async function firstLineOf(settings: string): Promise<unknown> {
  const main = join(import.meta.dirname, 'main.ts')
  const args = ['serve', '--settings', await file(settings), '--kubeconfig', join(folder, 'none')]
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: 'pipe', stderr: 'pipe', timeout: 20_000 })
  const { value } = await child.stdout.getReader().read()
  child.kill()
  const [line = ''] = new TextDecoder().decode(value).split('\n')
  return JSON.parse(line)
}

test('serve does not end because of one of a newer version', async () =>
  expect(await firstLineOf(NEWER)).toMatchObject({ level: 40, msg: 'unknown settings are left out' }))

test('serve tells of those that do nothing, and starts', async () =>
  expect(await firstLineOf('egress: {ceiling: {enabled: true}}\n')).toMatchObject({
    level: 40,
    msg: 'settings have no effect',
    settings: ['egress.ceiling has no effect while egress.enabled is not set'],
  }))
