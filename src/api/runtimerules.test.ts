import { expect, test } from 'bun:test'
import { formatFinding } from './finding.ts'
import { runtimeRules } from './runtimerules.ts'

const mount = (mountPath: unknown) => ({ name: 'a', secretRef: { name: 's' }, mountPath })
const cases: { name: string; given: Record<string, unknown>; want: string[] }[] = [
  { name: 'nothing', given: {}, want: [] },
  {
    name: 'labels and annotations of anybody else',
    given: { podLabels: { team: 'a', 'example.com/cost': '' }, podAnnotations: { 'example.com/Note': 'a b' } },
    want: [],
  },
  {
    name: 'ours and Kubernetes’',
    given: {
      podLabels: { 'app.kubernetes.io/name': 'a', team: 'a b' },
      podAnnotations: { 'agentjob.io/agent.json': '{}', 'container.apparmor.security.beta.kubernetes.io/agent': 'u' },
    },
    want: [
      'spec.podLabels["app.kubernetes.io/name"]: is reserved for what the operator and Kubernetes write',
      'spec.podAnnotations["agentjob.io/agent.json"]: is reserved for what the operator and Kubernetes write',
      'spec.podAnnotations["container.apparmor.security.beta.kubernetes.io/agent"]: cannot be set; an agent\'s pod is hardened',
    ],
  },
  {
    name: 'two in one place',
    given: {
      workspaceDir: '/srv',
      persistPath: '/data/',
      credentials: [mount('/a'), mount('/a/'), mount('/data'), mount('/srv/'), mount('/tmp'), mount('/srv/key')],
    },
    want: [
      'spec.credentials[1].mountPath: /a is spec.credentials[0] already; use another path',
      'spec.credentials[2].mountPath: /data is spec.persistPath already; use another path',
      'spec.credentials[3].mountPath: /srv is spec.workspaceDir already; use another path',
      'spec.credentials[4].mountPath: /tmp is the folder for temporary files already; use another path',
    ],
  },
  {
    name: 'in the place of what every agent has, defaults included',
    given: { credentials: ['/workspace', '/home/agent/', '/etc/agentjob/agent.json', '/etc/agentjob/key'].map(mount) },
    want: [
      'spec.credentials[0].mountPath: /workspace is spec.workspaceDir already; use another path',
      'spec.credentials[1].mountPath: /home/agent is the home already; use another path',
      'spec.credentials[2].mountPath: /etc/agentjob/agent.json is what the agent is told already; use another path',
    ],
  },
  {
    name: 'in the folder that belongs to a program',
    given: {
      dialect: 'codex',
      configPath: '/srv/told/',
      credentials: ['/srv/told', '/srv/told/a/b', '/srv/told2'].map(mount),
    },
    want: [
      'spec.credentials[0].mountPath: /srv/told is what the agent is told already; use another path',
      'spec.credentials[1].mountPath: /srv/told/a/b is inside of /srv/told, which is read-only; use another path',
    ],
  },
  {
    name: 'in the place of task.md, and in that of an agent.json that is not there',
    given: { dialect: 'task-md', credentials: ['/workspace/task.md', '/etc/agentjob/agent.json'].map(mount) },
    want: ['spec.credentials[0].mountPath: /workspace/task.md is what the agent is told already; use another path'],
  },
  {
    name: 'other shapes are the business of the schema',
    given: { podLabels: [1], podAnnotations: { a: 5 }, credentials: [null, 'a', mount(5)], dialect: 5, templates: [] },
    want: [],
  },
]

for (const { name, given, want } of cases)
  test(`runtimeRules: ${name}`, () => expect(runtimeRules(given).map(formatFinding)).toEqual(want))
