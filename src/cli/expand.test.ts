import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { run } from './testing/run.ts'

const head = (kind: string, name: string) =>
  `---\napiVersion: agentjob.io/v1alpha1\nkind: ${kind}\nmetadata: {${name}}\n`
const JOB = `${head('AgentJob', 'name: hello')}spec: {prompt: "yes", runtimeRef: echo, roleRef: reader}\n`
const RUNTIME = `${head('AgentRuntime', 'name: echo')}spec: {image: "echo:1"}\n`
const ROLE = `${head('AgentRole', 'name: reader')}spec: {allowedTools: [Read]}\n`
const ACCESS = `${head('ClusterAccess', 'name: look')}spec: {rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}\n`

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentjob-expand-'))
  await writeFile(join(directory, 'settings.yaml'), 'libraryNamespace: library\n')
  await writeFile(join(directory, 'bad.yaml'), 'libraryNamespaces: library\nmissingReferences: Maybe\n')
  await writeFile(join(directory, 'notify.yaml'), 'notify: {hosts: [hooks.example.com]}\n')
  await writeFile(join(directory, 'typo.yaml'), 'notify:\n  privateHost: [a]\n  hosts: [https://a]\n')
  await writeFile(join(directory, 'library.yaml'), RUNTIME.replace('name: echo', 'name: echo, namespace: library'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Child {
  kind: string
  metadata: { name: string; namespace?: string }
}
const childrenIn = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS() as Child)
const named = ({ kind, metadata }: Child) => `${kind} ${metadata.namespace}/${metadata.name}`

test('a one-shot is a Job of its revision; YAML and JSON say the same', async () => {
  const yaml = await run(['expand', '-f', '-'], { stdin: JOB + RUNTIME + ROLE })
  const json = await run(['expand', '-f', '-', '-o', 'json'], { stdin: ROLE + JOB + RUNTIME })
  const children = childrenIn(yaml.stdout)
  expect(yaml).toMatchObject({ stderr: '', exitCode: 0 })
  expect(yaml.stdout).toStartWith('---\n# AgentJob default/hello, stdin:2:1\napiVersion: batch/v1\n')
  expect(children.map(named)).toEqual([expect.stringMatching(/^Job default\/hello-[0-9a-f]{8}$/)])
  expect(JSON.parse(json.stdout)).toMatchObject({ apiVersion: 'v1', kind: 'List', items: children })
  expect(JSON.stringify(children)).not.toContain('ownerReferences')
})

test('namespaces and rights: --namespace for what names none, every ClusterAccess granted', async () => {
  const stdin = JOB.replace('roleRef: reader', 'clusterAccessRef: look, schedule: "@daily"') + RUNTIME + ACCESS
  const { stdout } = await run(['-n', 'team', 'expand', '-f', '-'], { stdin })
  expect(childrenIn(stdout).map(named)).toEqual([
    'ServiceAccount team/hello-runner',
    'Role team/hello-runner',
    'RoleBinding team/hello-runner',
    'CronJob team/hello',
  ])
})

test('a generateName gets a suffix that is told of', async () => {
  const stdin = JOB.replace('name: hello', 'generateName: hello-').replace(', roleRef: reader', '') + RUNTIME
  const { stdout, stderr } = await run(['expand', '-f', '-'], { stdin })
  expect(named(childrenIn(stdout)[0] as Child)).toStartWith('Job default/hello-xxxxxxxx-')
  expect(stderr).toStartWith('Warning: stdin:4:12: metadata.generateName: the cluster appends 8 characters of its own')
})

test('the library namespace of --settings', async () => {
  const stdin = JOB.replace(', roleRef: reader', '')
  const args = ['expand', '-f', '-', '-f', join(directory, 'library.yaml')]
  const { stdout, exitCode } = await run([...args, '--settings', join(directory, 'settings.yaml')], { stdin })
  expect(childrenIn(stdout)).toHaveLength(1)
  expect(exitCode).toBe(0)
  expect(await run(args, { stdin })).toMatchObject({ stdout: '', exitCode: 1 })
})

const refused: { name: string; given: string; args?: string[]; want: string[] }[] = [
  {
    name: 'a missing reference, beside an AgentJob that has its own',
    given: JOB + RUNTIME + JOB.replace('name: hello', 'name: other').replace(', roleRef: reader', ''),
    want: [
      'stdin:5:41: spec.roleRef: there is no AgentRole "reader" among the files, in namespace default; the cluster, or another file, must have it',
    ],
  },
  {
    name: 'an error anywhere',
    given: JOB + RUNTIME + ROLE.replace('[Read]', 'Read'),
    want: ['spec.roleRef', 'stdin:15:8: spec.allowedTools: must be a list'],
  },
  { name: 'no AgentJob', given: RUNTIME, want: ['stdin: holds no AgentJob'] },
  { name: 'nothing at all', given: '', want: ['stdin: holds no object'] },
  {
    name: 'settings that are none',
    given: JOB,
    args: ['--settings', 'bad.yaml'],
    want: [
      'bad.yaml:2:1: missingReferences: ',
      'bad.yaml:1:1: libraryNamespaces: no such setting; did you mean libraryNamespace?',
    ],
  },
  {
    name: 'settings within a setting that are none',
    given: JOB,
    args: ['--settings', 'typo.yaml'],
    want: [
      'typo.yaml:3:11: notify.hosts[0]: must be a host such as hooks.example.com, ',
      'typo.yaml:2:3: notify.privateHost: no such setting; did you mean privateHosts?',
    ],
  },
  {
    name: 'a notification that the settings do not allow',
    given: JOB.replace('roleRef: reader', 'notify: {url: "https://other.example.com"}') + RUNTIME,
    args: ['--settings', 'notify.yaml'],
    want: ['stdin:5:50: spec.notify.url: notifications to https://other.example.com are not allowed; '],
  },
]
test.each(refused)('$name: nothing is printed', async ({ given, args = [], want }) => {
  const { stdout, stderr, exitCode } = await run(['expand', '-f', '-', ...args], { stdin: given, cwd: directory })
  const lines = stderr.trimEnd().split('\n')
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 })
  expect(lines).toEqual(want.map((text) => expect.stringContaining(text)))
  for (const line of lines) expect(line).toStartWith('error: ')
})

test('without --settings nobody knows which hosts may be notified', async () => {
  const notify = JOB.replace('roleRef: reader', 'notify: {url: "https://other.example.com"}')
  const [one, other] = [
    await run(['expand', '-f', '-'], { stdin: notify + RUNTIME }),
    JOB.replace(', roleRef: reader', ''),
  ]
  expect(one).toMatchObject({ stderr: '', exitCode: 0 })
  expect(one.stdout).toBe((await run(['expand', '-f', '-'], { stdin: other + RUNTIME })).stdout)
})

test('a ConfigMap among the files is what a context says; one that is not is named', async () => {
  const job = (name: string) => `apiVersion: agentjob.io/v1alpha1
kind: AgentJob
metadata: {name: a}
spec: {prompt: Go., runtimeRef: echo, contexts: [{type: ConfigMap, configMap: {name: ${name}}}]}
---
apiVersion: agentjob.io/v1alpha1
kind: AgentRuntime
metadata: {name: echo}
spec: {image: echo}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: rules}
data: {style.md: Write plainly.}
`
  const there = await run(['expand', '-f', '-'], { stdin: job('rules') })
  expect(there.stdout).toContain('Write plainly.')
  const missing = await run(['expand', '-f', '-'], { stdin: job('absent') })
  expect([missing.exitCode, missing.stdout]).toEqual([1, ''])
  expect(missing.stderr).toContain(
    'spec.contexts[0]: there is no ConfigMap "absent" among the files, in namespace default; the cluster, or another file, must have it',
  )
})
