import { afterAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scripted } from '../../test/kube/scripted.ts'
import { run } from './testing/run.ts'

/* The command as a process, against an API server that answers every dry run with the same object. */

const folder = await mkdtemp(join(tmpdir(), 'agentjob-difftest-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const manifest = (prompt: string) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name: 'a' },
  spec: { runtimeRef: 'echo', prompt },
})
const stored = (prompt: string, annotations = {}) => ({
  ...manifest(prompt),
  metadata: { name: 'a', namespace: 'n', annotations },
  expansion: { revision: prompt, problems: [], references: [], resources: [] },
})
/** Runs `agentjob diff -f -`; `live` is what there is, `dry` the answer to the dry run. */
async function diff(live: object | undefined, dry: [number, object], o: { text?: string; env?: object } = {}) {
  const server = await scripted(({ method }, answer) => {
    if (method === 'PATCH') answer.json(...dry)
    else answer.json(live ? 200 : 404, live ?? { kind: 'Status', code: 404, reason: 'NotFound' })
  })
  const kubeconfig = join(folder, `${server.port}.json`)
  const cluster = { server: `http://127.0.0.1:${server.port}` }
  const context = { cluster: 'c', user: 'u', namespace: 'n' }
  await writeFile(
    kubeconfig,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x', users: [{ name: 'u', user: {} }] },
      ...{ clusters: [{ name: 'c', cluster }], contexts: [{ name: 'x', context }] },
    }),
  )
  const stdin = o.text ?? JSON.stringify(manifest('Go.'))
  const ended = await run(['diff', '-f', '-'], { stdin, env: { KUBECONFIG: kubeconfig, ...o.env } })
  await server.close()
  return { ...ended, patch: server.requests.find(({ method }) => method === 'PATCH') }
}

test('0 and no word where nothing changes; by server-side apply, as kubectl, without force', async () => {
  const { exitCode, stdout, stderr, patch } = await diff(stored('Go.'), [200, stored('Go.')])
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  expect(Object.fromEntries(patch?.query ?? [])).toEqual({
    ...{ dryRun: 'All', fieldManager: 'kubectl', fieldValidation: 'Strict' },
  })
  expect(patch?.headers['content-type']).toBe('application/apply-patch+yaml')
})

test('1 and a unified diff where something changes', async () => {
  const { exitCode, stdout } = await diff(stored('Stop.'), [200, stored('Go.')])
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^--- LIVE\/AgentJob\.n\.a\.yaml.*\n\+\+\+ DRYRUN\/AgentJob\.n\.a\.yaml/m)
  expect(stdout).toContain('\n-  prompt: Stop.\n+  prompt: Go.\n')
  expect(stdout).toEndWith('AgentJob n/a: the next run takes it\n')
})

test('a new one is shown whole', async () => {
  const { exitCode, stdout } = await diff(undefined, [200, stored('Go.')])
  expect(exitCode).toBe(1)
  expect(stdout).toContain('\n+kind: AgentJob\n')
  expect(stdout).not.toMatch(/^-[^-]/m)
})

test('what client-side apply has made is patched as that does: what is gone from the manifest goes', async () => {
  const metadata = { name: 'a', namespace: 'n', annotations: {} }
  const last = { ...manifest('Go.'), metadata, spec: { ...manifest('Go.').spec, schedule: '@daily' } }
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(last), 'agentjob.io/rerun': 'x' }
  const live = { ...stored('Go.', applied), spec: last.spec }
  const { exitCode, patch } = await diff(live, [200, stored('Go.')])
  expect(exitCode).toBe(1)
  expect(JSON.parse(patch?.body ?? '')).toEqual({ spec: { schedule: null } })
  expect(patch?.query.get('fieldManager')).toBe('kubectl-client-side-apply')
})

test.each([
  ['a refusal', JSON.stringify(manifest('Go.')), 'spec.prompt: is too bad'],
  ['files without an AgentJob', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', 'the files hold no AgentJob'],
  [
    'a name that is still to be made',
    JSON.stringify({ ...manifest('Go.'), metadata: {} }),
    'metadata.name is required',
  ],
])('more than 1 for %s', async (_, text, says) => {
  const refusal = { kind: 'Status', code: 422, reason: 'Invalid', message: 'spec.prompt: is too bad' }
  const { exitCode, stderr } = await diff(undefined, [422, refusal], { text })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(says)
})

test('another program than diff, and one that is not there', async () => {
  const other = (program: string) =>
    diff(stored('Stop.'), [200, stored('Go.')], { env: { KUBECTL_EXTERNAL_DIFF: program } })
  expect((await other('diff --brief -N')).stdout).toContain('differ')
  expect(await other('no-such-program')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no-such-program'),
  })
})
