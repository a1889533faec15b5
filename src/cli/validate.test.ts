import { expect, test } from 'bun:test'
import type { Report } from './report.ts'
import { run } from './testing/run.ts'

const RUNTIME =
  'apiVersion: agentjob.io/v1alpha1\nkind: AgentRuntime\nmetadata: {name: echo}\nspec: {image: echo, authEnvVar: TOKEN}\n'
const job = (spec: string, metadata = 'name: hello') =>
  `apiVersion: agentjob.io/v1alpha1\nkind: AgentJob\nmetadata:\n  ${metadata}\nspec:\n  prompt: hi\n  runtimeRef: echo\n${spec}`
const withRuntime = (spec: string, metadata?: string) => `${job(spec, metadata)}\n---\n${RUNTIME}`

const quota = (spec: string, namespace = 'default') =>
  `apiVersion: agentjob.io/v1alpha1\nkind: AgentQuota\nmetadata: {name: team, namespace: ${namespace}}\nspec: {${spec}}\n`

const cases: { name: string; given: string; args?: string[]; want: string[]; exitCode?: number }[] = [
  { name: 'all in order', given: withRuntime(''), want: ['2 objects valid, 0 invalid'] },
  {
    name: 'several errors at once, each with its place',
    given: withRuntime(
      '  timeoutSeconds: soon\n  promt: x\n  env:\n    - name: A\n      valu: b\n',
      'name: Hello_World',
    ),
    want: [
      'stdin:4:3: error: metadata.name: must be of lower case',
      'stdin:8:3: error: spec.timeoutSeconds: must be',
      'stdin:9:3: error: spec.promt: unknown field; did you mean prompt?',
      'stdin:12:7: error: spec.env[0].valu: unknown field; did you mean value?',
      '1 object valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'something that is required',
    given: 'apiVersion: agentjob.io/v1alpha1\nkind: AgentRuntime\nmetadata: {name: echo}\nspec: {}\n',
    want: ['stdin:4:1: error: spec.image: is required', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'an empty field is one that is left out',
    given: withRuntime('  schedule:\n'),
    want: ['stdin:8:3: warning: spec.schedule: is empty, which is the same as left out', '2 objects valid, 0 invalid'],
  },
  {
    name: 'but null in a podTemplate is what it is',
    given: withRuntime('  podTemplate: {spec: {nodeSelector: null}}\n'),
    want: ['stdin:8:24: error: spec.podTemplate.spec.nodeSelector: must be an object', '1 object valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'what an AgentQuota among the files does not allow',
    given: `${withRuntime('  schedule: "*/5 * * * *"\n')}---\n${quota('minScheduleIntervalSeconds: 900')}`,
    want: [
      'stdin:8:3: error: spec.schedule: has runs 5m apart; AgentQuota "team" asks for at least 15m between any two',
      '2 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'one of another namespace holds there',
    given: `${withRuntime('  schedule: "*/5 * * * *"\n')}---\n${quota('minScheduleIntervalSeconds: 900', 'other')}`,
    want: ['3 objects valid, 0 invalid'],
  },
  {
    name: 'one that is not valid is told itself',
    given: `${withRuntime('')}---\n${quota('minScheduleIntervalSeconds: 15m')}`,
    want: [
      'stdin:18:8: error: spec.minScheduleIntervalSeconds: must be a whole number, not "15m"; 15m is 900 seconds',
      '2 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'a missing reference is a warning',
    given: job(''),
    want: [
      'stdin:7:3: warning: spec.runtimeRef: there is no AgentRuntime "echo" among the files, in namespace default; the cluster, or another file, must have it',
      '1 object valid, 0 invalid',
    ],
  },
  {
    name: 'and an error with --strict',
    given: job(''),
    args: ['--strict'],
    want: ['stdin:7:3: warning: spec.runtimeRef', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a reference of another namespace is none',
    given: withRuntime('', 'name: hello\n  namespace: team'),
    want: [
      'stdin:8:3: warning: spec.runtimeRef: there is no AgentRuntime "echo" among the files, in namespace team; there is one in namespace default',
      '2 objects valid, 0 invalid',
    ],
  },
  {
    name: 'a mistyped reference',
    given: withRuntime('').replace('runtimeRef: echo', 'runtimeRef: ehco'),
    want: [
      'stdin:7:3: warning: spec.runtimeRef: there is no AgentRuntime "ehco" among the files, in namespace default; did you mean echo?',
      '2 objects valid, 0 invalid',
    ],
  },
  {
    name: 'a reference to another kind',
    given: withRuntime('  authRef: echo'),
    want: [
      'stdin:8:3: warning: spec.authRef: there is no AgentAuth "echo" among the files, in namespace default; echo is of kind AgentRuntime',
      '2 objects valid, 0 invalid',
    ],
  },
  {
    name: 'a reference to what is not valid',
    given: withRuntime('').replace('{image: echo', '{image: 1'),
    want: [
      'stdin:7:3: warning: spec.runtimeRef: there is no AgentRuntime "echo" among the files, in namespace default; the one at stdin:10:1 is not valid',
      'stdin:13:8: error: spec.image: must be a string',
      '1 object valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: '--namespace is the one of objects that name none',
    given: withRuntime('', 'name: hello\n  namespace: team'),
    args: ['-n', 'team'],
    want: ['2 objects valid, 0 invalid'],
  },
  {
    name: 'a podTemplate that weakens, also without the runtime',
    given: job('  podTemplate:\n    spec:\n      hostNetwork: true\n'),
    want: [
      'stdin:7:3: warning: spec.runtimeRef',
      'stdin:10:7: error: spec.podTemplate.spec.hostNetwork: is never allowed',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'an expansion that admission would refuse',
    given: `${job('  authRef: token')}\n---\n${RUNTIME.replace(', authEnvVar: TOKEN', '')}---\napiVersion: agentjob.io/v1alpha1\nkind: AgentAuth\nmetadata: {name: token}\nspec: {secretRef: {name: s, key: k}}\n`,
    want: ['stdin:8:3: error: spec.authRef: AgentRuntime "echo" has no authEnvVar', '2 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a mistyped kind',
    given: 'apiVersion: agentjob.io/v1alpha1\nkind: AgentJbo\nmetadata: {name: a}\n',
    want: [
      'stdin:2:1: error: kind: there is no kind AgentJbo in agentjob.io; did you mean AgentJob?',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'a mistyped group',
    given: RUNTIME.replace('agentjob.io', 'agentjobs.io'),
    want: ['stdin:1:1: error: apiVersion: must be agentjob.io/v1alpha1', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a group that is left out',
    given: RUNTIME.replace('agentjob.io/', ''),
    want: ['stdin:1:1: error: apiVersion: must be agentjob.io/v1alpha1', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'objects of other groups, also of a kind that has the name of one of ours',
    given: `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\napiVersion: pipelines.example/v1\nkind: Repository\nspec: {url: x}\n---\n${RUNTIME}`,
    want: ['1 object valid, 0 invalid; 2 of other API groups skipped'],
  },
  {
    name: "thurkube's group",
    given: RUNTIME.replace('agentjob.io', 'thurkube.thurbeen.eu'),
    want: [
      'stdin:1:1: error: apiVersion: must be agentjob.io/v1alpha1, not "thurkube.thurbeen.eu/v1alpha1"',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'a podTemplate that weakens, beside something else',
    given: withRuntime('  model: 4\n  podTemplate: {spec: {hostPID: true}}\n'),
    want: [
      'stdin:8:3: error: spec.model: must be a string',
      'stdin:9:24: error: spec.podTemplate.spec.hostPID: is never allowed',
      '1 object valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'the same object twice',
    given: `${RUNTIME}---\n${RUNTIME}---\n${RUNTIME.replace('echo}', 'echo, namespace: b}')}`,
    want: [
      'stdin:8:12: error: metadata.name: AgentRuntime default/echo stands here twice; first at stdin:3:12',
      '2 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'a key that stands twice makes its object invalid',
    given: withRuntime('  model: a\n  model: b\n'),
    want: ['stdin:9:3: error: the key model stands here twice', '1 object valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'and what else is wrong with that is told as well',
    given: withRuntime('  model: a\n  model: 1\n'),
    want: [
      'stdin:9:3: error: the key model stands here twice',
      'stdin:9:3: error: spec.model: must be a string',
      '1 object valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'metadata that is not what it should be',
    given: RUNTIME.replace(
      '{name: echo}',
      '{name: 7, lables: {}, labels: {a: 1, b: "x y"}, annotations: [], namespace: A}',
    ),
    want: [
      'stdin:3:12: error: metadata.name: must be a string; put it in quotes',
      'stdin:3:21: error: metadata.lables: unknown field; did you mean labels?',
      'stdin:3:42: error: metadata.labels.a: must be a string; put it in quotes',
      'stdin:3:48: error: metadata.labels.b: must be at most 63 letters',
      'stdin:3:59: error: metadata.annotations: must be a map of strings',
      'stdin:3:76: error: metadata.namespace: must be at most 63 lower case',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  { name: 'no YAML', given: 'a: [', want: ['stdin:1:5: error: ', '0 objects valid, 1 invalid'], exitCode: 1 },
  {
    name: 'a list',
    given: '[1]',
    want: ['stdin:1:1: error: must be an object', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a bare map',
    given: 'a: 1',
    want: [
      'stdin:1:1: error: apiVersion: is required',
      'stdin:1:1: error: kind: is required',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  { name: 'nothing', given: '', want: ['stdin: error: holds no object', '0 objects valid, 1 invalid'], exitCode: 1 },
  { name: 'a binary', given: '\0', want: ['stdin: error: is no text', '0 objects valid, 1 invalid'], exitCode: 1 },
]

test.each(cases)('$name', async ({ given, args = [], want, exitCode = 0 }) => {
  const ended = await run(['validate', '-f', '-', ...args], { stdin: given })
  const lines = ended.stdout.trimEnd().split('\n')
  expect(lines).toEqual(want.map((start) => expect.stringMatching(new RegExp(`^${RegExp.escape(start)}`))))
  expect(ended).toMatchObject({ stderr: '', exitCode })
})

test('-o json has the same for machines', async () => {
  const { stdout, exitCode } = await run(['validate', '-f', '-', '-o', 'json'], { stdin: withRuntime('  promt: x') })
  expect(JSON.parse(stdout)).toEqual({
    valid: 1,
    invalid: 1,
    skipped: 0,
    findings: [
      {
        severity: 'error',
        file: 'stdin',
        line: 8,
        column: 3,
        kind: 'AgentJob',
        namespace: 'default',
        name: 'hello',
        path: 'spec.promt',
        message: 'unknown field; did you mean prompt?',
      },
    ],
  } satisfies Report)
  expect(exitCode).toBe(1)
})

test('-o github has it at its lines, for GitHub Actions', async () => {
  const given = withRuntime('  promt: 100%\n  "a,b:c": x')
  const { stdout, exitCode } = await run(['validate', '-f', '-', '-o', 'github'], { stdin: given })
  expect(stdout.split('\n')).toEqual([
    '::error file=stdin,line=8,col=3,title=AgentJob hello::spec.promt: unknown field; did you mean prompt?',
    expect.stringMatching(/^::error file=stdin,line=9,col=3,title=AgentJob hello::spec\["a,b:c"\]: unknown field/),
    '1 object valid, 1 invalid',
    '',
  ])
  expect(exitCode).toBe(1)
})
