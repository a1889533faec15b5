import { expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildResource } from '../../src/api/expansion.ts'
import { canonicalJson } from '../../src/api/hash.ts'
import { toYaml } from '../../src/cli/print.ts'
import { LIBRARY } from '../operator/install.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  clusterAccess,
  documents,
  echoRuntime,
  kubectl,
  newNamespace,
} from './world.ts'

const kind = (kind: string, name: string, spec: object) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind,
  metadata: { name },
  spec,
})

const REFERENCES = [
  echoRuntime('echo', { authEnvVar: 'TOKEN', env: [{ name: 'A', value: 'runtime' }] }),
  clusterAccess('Namespace'),
  clusterAccess('Cluster'),
  kind('AgentAuth', 'model', { secretRef: { name: 'model', key: 'token' } }),
  kind('AgentRole', 'reader', { allowedTools: ['Read'] }),
  kind('McpServer', 'mail', { url: 'https://mcp.example.com' }),
]

/** AgentJobs of every shape that has children of its own. */
const JOBS: Record<string, object> = {
  'a one-shot': agentJob('mine', {
    authRef: 'model',
    roleRef: 'reader',
    mcpServerRefs: ['mail'],
    env: [{ name: 'A', value: 'job' }],
  }),
  'a schedule': agentJob('mine', { schedule: '30 2 * * *', timezone: 'Europe/Paris', persist: true }),
  'a one-shot with rights in its namespace': agentJob('mine', { clusterAccessRef: 'namespace' }),
  'a schedule with rights everywhere': agentJob('mine', { schedule: '@daily', clusterAccessRef: 'cluster' }),
  'a prompt that takes a ConfigMap of its own': agentJob('mine', { prompt: 'Find out. '.repeat(8000) }),
  'one with a podTemplate': agentJob('mine', { podTemplate: { spec: { nodeSelector: { disk: 'fast' } } } }),
}

for (const [what, job] of Object.entries(JOBS))
  test.concurrent(`a server-side dry run of ${what} shows the very objects that agentjob expand prints, and stores none`, async () => {
    const namespace = await newNamespace()
    await apply(namespace, REFERENCES)
    const { stdout } = await apply(namespace, job, ['--dry-run=server', '-o', 'json'])
    const shown = JSON.parse(stdout) as AgentJobObject
    const printed = await expand(namespace, [...REFERENCES, job])
    expect(shown.expansion?.resources).toEqual(printed)
    expect(canonicalJson(shown.expansion?.resources)).toBe(canonicalJson(printed))
    expect(JSON.stringify(shown.expansion?.resources)).toContain('"image":"ghcr.io/agentjob/echo:dev"')
    expect(await everything(namespace)).toEqual([])
  })

test.concurrent('what is stored afterwards is what the dry run has shown', async () => {
  const namespace = await newNamespace()
  await apply(namespace, REFERENCES)
  const job = agentJob('mine', { suspend: true })
  const [shown] = documents((await apply(namespace, job, ['--dry-run=server', '-o', 'yaml'])).stdout)
  const [stored] = documents((await apply(namespace, job, ['-o', 'yaml'])).stdout)
  expect(stored?.expansion).toEqual(shown?.expansion as object)
})

test.concurrent('a dry run of a change shows the run that it would start, and starts none', async () => {
  const namespace = await newNamespace()
  await apply(namespace, [...REFERENCES, agentJob('mine', { suspend: true })])
  const change = agentJob('mine', { suspend: true, prompt: 'echo: result another' })
  const [shown] = documents((await apply(namespace, change, ['--dry-run=server', '-o', 'yaml'])).stdout)
  const [stored] = documents((await kubectl(['get', 'aj', 'mine', '-n', namespace, '-o', 'yaml'])).stdout)
  expect(JSON.stringify(shown?.expansion)).toContain('result another')
  expect(JSON.stringify(stored)).not.toContain('result another')
  const [then] = documents((await apply(namespace, change, ['-o', 'yaml'])).stdout)
  expect(then?.expansion).toEqual(shown?.expansion as object)
})

/** The children that the command line prints for the objects as files, with the operator's settings. */
async function expand(namespace: string, objects: object[]): Promise<ChildResource[]> {
  const folder = await mkdtemp(join(tmpdir(), 'agentjob-expand-'))
  await writeFile(join(folder, 'objects.yaml'), objects.map((object) => toYaml(object)).join('---\n'))
  const settings = join(folder, 'settings')
  await writeFile(settings, toYaml({ libraryNamespace: LIBRARY }))
  const files = ['-f', join(folder, 'objects.yaml'), '--settings', settings]
  const { stdout, stderr, code } = await agentjob(['expand', ...files, '-n', namespace])
  await rm(folder, { recursive: true })
  expect([code, stderr]).toEqual([0, ''])
  return documents(stdout) as ChildResource[]
}

/** What there is of AgentJobs and of whatever they bring about. */
async function everything(namespace: string): Promise<string[]> {
  const kinds = 'agentjobs,jobs,cronjobs,persistentvolumeclaims,configmaps,serviceaccounts,roles,rolebindings'
  const { stdout } = await kubectl(['get', kinds, '-n', namespace, '-o', 'name'])
  const all = await kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])
  const ours = all.stdout.split('\n').filter((line) => line.includes(`agentjob:${namespace}:`))
  const isOfNamespace = (line: string) => line.endsWith('/default') || line.endsWith('/kube-root-ca.crt')
  return [...stdout.split('\n').filter((line) => line && !isOfNamespace(line)), ...ours]
}
