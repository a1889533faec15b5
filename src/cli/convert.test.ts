import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { run } from './testing/run.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-convert-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ROLE =
  'apiVersion: thurkube.thurbeen.eu/v1alpha1\nkind: AgentRole\nmetadata: {name: a}\nspec: {allowedTools: [Read]}\n'
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n'
const TASK = 'apiVersion: kubetask.io/v1alpha1\nkind: Task\nmetadata: {name: t}\nspec:\n  description: Go. # now\n'
const TOTAL = (text: string) => `${text.trimEnd().split('\n').at(-1)}`

const cases: { name: string; given: string; args?: string[]; kinds?: string[]; said: string[]; exitCode: number }[] = [
  {
    name: 'all of it',
    given: `${SECRET}---\n${ROLE}`,
    kinds: ['Secret', 'AgentRole'],
    said: [
      'stdin:1:1: note: is of no kind that is taken over; passed on as it is',
      '1 converted, 1 passed on, 0 became no object; 0 not carried over, 0 errors',
    ],
    exitCode: 0,
  },
  {
    name: 'a field less',
    given: `${ROLE.trimEnd().slice(0, -1)}, colour: red}`,
    kinds: ['AgentRole'],
    said: ['stdin:4:30: dropped: spec.colour: unknown field', '1 converted, 0 passed on, 0 became no object; 1 not'],
    exitCode: 6,
  },
  {
    name: 'an object less',
    given: `${ROLE}---\n${ROLE.replace('[Read]', 'Read')}`,
    kinds: ['AgentRole'],
    said: [
      'stdin:9:8: error: spec.allowedTools: must be a list',
      '1 converted, 0 passed on, 1 became no object; 0 not',
    ],
    exitCode: 6,
  },
  {
    name: 'what is said of many is said once',
    given: ['a', 'b', 'c'].map((name) => TASK.replace('name: t', `name: ${name}`)).join('---\n'),
    kinds: ['AgentJob', 'AgentJob', 'AgentJob'],
    said: ['stdin:4:1: note: spec: has no time limit in KubeTask; ', '3 converted'],
    exitCode: 0,
  },
  {
    name: 'every error in the text, and nothing comes out',
    given: `${ROLE}---\na: [\n---\n- b\n---\n${ROLE}spec: {}\n`,
    said: [
      'error: stdin:7:1: ',
      'error: stdin:8:1: must be an object',
      'error: stdin:14:1: the key spec stands here twice',
    ],
    exitCode: 2,
  },
  { name: 'nothing', given: '', said: ['error: stdin: holds no object'], exitCode: 2 },
  {
    name: 'a file that is not there',
    given: '',
    args: ['-f', 'gone.yaml'],
    said: ['error: gone.yaml: does not exist'],
    exitCode: 2,
  },
  {
    name: '-A without a cluster',
    given: ROLE,
    args: ['-A'],
    said: ['error: -A goes with --from-cluster'],
    exitCode: 2,
  },
  {
    name: 'files and a cluster',
    given: ROLE,
    args: ['--from-cluster'],
    said: ['error: either -f or --from-cluster is needed'],
    exitCode: 2,
  },
]

const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS())

describe('convert', () => {
  for (const { name, given, args = [], kinds = [], said, exitCode } of cases)
    test(name, async () => {
      const ended = await run(['convert', '-f', '-', ...args], { stdin: given })
      expect(documents(ended.stdout).map(({ kind }) => kind)).toEqual(kinds)
      const lines = ended.stderr.trimEnd().split('\n')
      const told = lines.filter((line) => !line.startsWith('See '))
      expect(told).toEqual(said.map((start) => expect.stringMatching(new RegExp(`^${RegExp.escape(start)}`))))
      expect(ended.exitCode).toBe(exitCode)
    })

  test('how often something was said', async () => {
    const given = ['a', 'b', 'c'].map((name) => TASK.replace('name: t', `name: ${name}`)).join('---\n')
    expect((await run(['convert', '-f', '-'], { stdin: given })).stderr).toContain(' (and 2 more like it)\n')
  })

  test('neither files nor a cluster', async () => {
    const ended = await run(['convert'])
    expect(ended).toMatchObject({ stdout: '', exitCode: 2 })
    expect(ended.stderr).toStartWith('error: either -f or --from-cluster is needed')
  })

  test('a file without -f', async () => {
    const ended = await run(['convert', 'a.yaml'])
    expect(ended.stderr).toStartWith('error: files are named with -f: agentjob convert -f a.yaml')
    expect(ended.exitCode).toBe(2)
  })

  test('-o json: a List', async () => {
    const { stdout } = await run(['convert', '-f', '-', '-o', 'json'], { stdin: `${ROLE}---\n${SECRET}` })
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'List', items: [{ kind: 'AgentRole' }, { kind: 'Secret' }] })
  })

  test('what comes out is taken in by validate, and by itself', async () => {
    const { stdout } = await run(['convert', '-f', '-'], { stdin: `${TASK}---\n${ROLE}` })
    expect((await run(['validate', '-f', '-'], { stdin: stdout })).exitCode).toBe(0)
    expect((await run(['convert', '-f', '-'], { stdin: stdout })).stdout).toBe(stdout)
  })

  test('-n is the namespace of what names none', async () => {
    const agentRef = '  agentRef: {name: a, namespace: team}\n'
    const { stderr, exitCode } = await run(['convert', '-f', '-', '-n', 'team'], { stdin: TASK + agentRef })
    expect(TOTAL(stderr)).toContain('0 not carried over')
    expect(exitCode).toBe(0)
    expect((await run(['convert', '-f', '-'], { stdin: TASK + agentRef })).exitCode).toBe(6)
  })

  test('--report: the same for machines', async () => {
    const file = join(folder, 'report.json')
    await run(['convert', '-f', '-', '--report', file], { stdin: `${TASK}  colour: red\n` })
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      converted: 1,
      passed: 0,
      none: 0,
      dropped: 1,
      errors: 0,
      objects: [
        {
          file: 'stdin',
          line: 1,
          apiVersion: 'kubetask.io/v1alpha1',
          kind: 'Task',
          name: 't',
          outcome: 'converted',
          into: [{ apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', name: 't' }],
          notes: [
            { severity: 'note', path: 'spec', line: 4 },
            { severity: 'dropped', path: 'spec.colour', line: 6, column: 3 },
          ],
        },
      ],
    })
  })

  test('a report that cannot be written', async () => {
    const file = join(folder, 'no', 'such', 'folder.json')
    const ended = await run(['convert', '-f', '-', '--report', file], { stdin: ROLE })
    expect(ended).toMatchObject({ stdout: '', exitCode: 2 })
    expect(ended.stderr).toContain(file)
  })
})

/** What an API server says of its groups and lists; a path that is not here is not found. */
type Answers = Record<string, unknown>

const resources = (...kinds: [string, string][]) => ({
  resources: kinds.flatMap(([name, kind]) => [
    { name: `${name}/status`, kind, namespaced: true },
    { name, kind, namespaced: true },
  ]),
})
const listOf = (spec: object, ...names: string[]) => ({
  metadata: { resourceVersion: '1' },
  items: names.map((name) => ({ metadata: { name, namespace: 'team' }, spec })),
})
const AGENT = { agentImage: 'a' }
const GO = { description: 'Go.' }
const SERVED: Answers = {
  '/apis/kubetask.io': { preferredVersion: { version: 'v1alpha1' } },
  '/apis/kubetask.io/v1alpha1': resources(['agents', 'Agent'], ['tasks', 'Task']),
  '/apis/kubetask.io/v1alpha1/namespaces/team/agents': listOf(AGENT, 'default'),
  '/apis/kubetask.io/v1alpha1/namespaces/team/tasks': listOf(GO, 'b', 'a'),
  '/apis/kubetask.io/v1alpha1/agents': listOf(AGENT),
  '/apis/kubetask.io/v1alpha1/tasks': listOf(GO, 'c'),
}
const NO = { status: 'Failure', reason: 'Forbidden', code: 403, message: 'tasks.kubetask.io is forbidden' }

/** Runs the command against an API server that knows these answers. */
async function fromCluster(answers: Answers, args: string[]) {
  const server = createServer((request, response) => {
    const found = answers[new URL(request.url ?? '', 'http://server').pathname] as { code?: number } | undefined
    const body = found ?? { status: 'Failure', reason: 'NotFound', code: 404, message: 'not found' }
    response.writeHead(body.code ?? 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await run(['convert', '--from-cluster', '--kubeconfig', await kubeconfigOf(server), ...args])
  } finally {
    server.close()
  }
}

async function kubeconfigOf(server: Server): Promise<string> {
  const file = join(folder, 'kubeconfig')
  const config = {
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a', namespace: 'team' } }],
    clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }],
    users: [{ name: 'a', user: { token: 'x' } }],
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

describe('convert --from-cluster', () => {
  test("the kinds that are served, of the context's namespace", async () => {
    const { stdout, stderr, exitCode } = await fromCluster(SERVED, [])
    const names = documents(stdout).map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
    expect(names).toEqual(['AgentRuntime team/default', 'AgentJob team/b', 'AgentJob team/a'])
    expect(stderr).toContain('team/task.kubetask.io/b: note: spec: has no time limit')
    expect(exitCode).toBe(0)
  })

  test('of all namespaces', async () => {
    const { stdout } = await fromCluster(SERVED, ['-A'])
    expect(parse(stdout).metadata.name).toBe('c')
  })

  test('none is served', async () => {
    const ended = await fromCluster({}, [])
    expect(ended.stderr).toContain('this cluster serves no kind of thurkube.thurbeen.eu, kubetask.io, kubeopencode.io')
    expect(ended).toMatchObject({ stdout: '', exitCode: 4 })
  })

  test('not all may be listed: every refusal is told', async () => {
    const answers = {
      ...SERVED,
      '/apis/kubetask.io/v1alpha1/namespaces/team/agents': { ...NO, message: 'agents.kubetask.io is forbidden' },
      '/apis/kubetask.io/v1alpha1/namespaces/team/tasks': NO,
    }
    const ended = await fromCluster(answers, [])
    expect(ended.stderr).toBe(
      'error: the API server says no (Forbidden): agents.kubetask.io is forbidden\nerror: the API server says no (Forbidden): tasks.kubetask.io is forbidden\n',
    )
    expect(ended).toMatchObject({ stdout: '', exitCode: 1 })
  })
})
