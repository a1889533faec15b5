import { Raw } from './json.ts'
import { type Break, type Refusal, refusal } from './want.ts'

/** Each with a name of its own, to be compared with all before it. */
const CONTAINERS = new Raw(
  `[${Array.from({ length: 70_000 }, (_, index) => `{"name":"c${index}","image":"x"}`).join()}]`,
  '[{name, image}, …] × 70,000',
)

const CUSTOM = { image: 'a', dialect: 'custom' }

/** What is wrong although every field by itself is in order; `at` gets `value`, the refusal is of `path`. */
const RULE_BREAKS: Record<string, [what: string, at: string, value: unknown, path: string, right: RegExp][]> = {
  Context: [
    ['no member', 'type', 'Url', '', /^type (Inline|ConfigMap|Secret|Git|Url) and/],
    [
      'a password',
      'git',
      { repository: 'https://me:secret@git.example.com/a' },
      'git.repository',
      /put it into secretRef/,
    ],
  ],
  AgentJob: [
    [
      'two kinds of context',
      'contexts',
      [{ name: 'a', type: 'Inline', inline: { content: '' } }],
      'contexts[0]',
      /^must have a name, of a Context, or a type/,
    ],
    ['no context', 'contexts', [{ mountPath: '/a' }], 'contexts[0]', /^must have a name, of a Context, or a type/],
    [
      'a member without its type',
      'contexts',
      [{ type: 'Git', inline: { content: '' }, mountPath: '/a' }],
      'contexts[0]',
      /^type (Inline and inline|Git and git) go together/,
    ],
    [
      'no place for a Secret',
      'contexts',
      [{ type: 'Secret', secret: { name: 'a' } }],
      'contexts[0]',
      /^must have a mountPath/,
    ],
    ['six fields', 'schedule', '0 0 3 * * *', 'schedule', /takes 5: minute hour .* \(drop the seconds\)$/],
    ['minute 60', 'schedule', '60 * * * *', 'schedule', /it takes 0-59$/],
    ['a time zone in it', 'schedule', 'TZ=UTC 0 3 * * *', 'schedule', /put it into the field timezone/],
    ['no descriptor', 'schedule', '@evry 1h', 'schedule', /Kubernetes takes @yearly, /],
    ['no time zone', 'timezone', 'EST5', 'timezone', /write a name from the IANA database/],
    ['lower case', 'timezone', 'europe/paris', 'timezone', /write Europe\/Paris$/],
    [
      'a value and a source',
      'env',
      [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      'env[0]',
      /remove one of them$/,
    ],
    ['no source', 'env', [{ name: 'A', valueFrom: {} }], 'env[0].valueFrom', /^must have exactly one of/],
    [
      'two sources',
      'envFrom',
      [{ configMapRef: { name: 'a' }, secretRef: { name: 'a' } }],
      'envFrom[0]',
      /^must have exactly one of/,
    ],
    [
      'above its limit',
      'resources',
      { requests: { cpu: 2 }, limits: { cpu: 1 } },
      'resources.requests.cpu',
      /more than its limit/,
    ],
    ['no limit', 'retry', { onFailures: [3] }, 'retry.limit', /^is required$/],
    [
      'no such failure',
      'retry',
      { limit: 1, onFailures: ['Evicted'] },
      'retry.onFailures[0]',
      /OOMKilled or DisruptionTarget, not/,
    ],
    [
      'an exit code in quotes',
      'retry',
      { limit: 1, onFailures: ['3'] },
      'retry.onFailures[0]',
      /leave out the quotes$/,
    ],
    ['success', 'retry', { limit: 1, onFailures: [0] }, 'retry.onFailures[0]', /^must be at least 1$/],
    ['no exit code', 'retry', { limit: 1, onFailures: [256] }, 'retry.onFailures[0]', /^must be at most 255$/],
    ['one of them twice', 'retry', { limit: 1, onFailures: [3, 3] }, 'retry.onFailures[1]', /stands here twice/],
    [
      'two limits',
      '',
      { prompt: 'a', runtimeRef: 'a', backoffLimit: 1, retry: { limit: 1 } },
      '',
      /^backoffLimit and retry\.limit are the same limit/,
    ],
    [
      'nothing to go on from',
      '',
      { prompt: 'a', runtimeRef: 'a', retry: { limit: 1, resume: true } },
      '',
      /^retry\.resume needs persist: true/,
    ],
    ['no command', 'precheck', {}, 'precheck.command', /^is required$/],
    ['nothing in it', 'precheck', { command: [] }, 'precheck.command', /^must not be empty$/],
    ['no unit', 'humanInTheLoop', { keepAlive: '90' }, 'humanInTheLoop.keepAlive', /^must be a duration such as 90s/],
    ['no time', 'humanInTheLoop', { keepAlive: '0s' }, 'humanInTheLoop.keepAlive', /^must be more than 0/],
    ['days', 'humanInTheLoop', { keepAlive: '24h0.1s' }, 'humanInTheLoop.keepAlive', /at most 24h$/],
    ['nobody', 'notify', {}, 'notify.url', /^is required$/],
    ['a password', 'notify', { url: 'https://a:b@example.com/' }, 'notify.url', /without a user, a password/],
    ['an address in disguise', 'notify', { url: 'https://0x7f000001/' }, 'notify.url', /^must name a host, or/],
    [
      'no such end',
      'notify',
      { url: 'https://example.com', phases: ['Running'] },
      'notify.phases[0]',
      /Skipped, not "Running"$/,
    ],
    ['no end', 'notify', { url: 'https://example.com', phases: [] }, 'notify.phases', /^must not be empty$/],
    ['no size', 'persistence', { size: 0 }, 'persistence.size', /^must be more than 0$/],
    [
      'half of what a pod has',
      'podTemplate',
      { spec: { hostNetwork: true } },
      'podTemplate.spec.hostNetwork',
      /^is never allowed/,
    ],
    ['no part of a pod', 'podTemplate', { nodeSelector: {} }, 'podTemplate.nodeSelector', /has metadata and spec$/],
    ['null in a pod', 'podTemplate', { spec: null }, 'podTemplate.spec', /^must be an object$/],
    [
      'a root user',
      'podTemplate',
      { spec: { securityContext: { runAsUser: 0 } } },
      'podTemplate.spec.securityContext.runAsUser',
      /other than 0/,
    ],
    [
      'a mount of the host',
      'podTemplate',
      { spec: { volumes: [{ name: 'a', hostPath: { path: '/' } }] } },
      'podTemplate.spec.volumes[0].hostPath',
      /allowed here: configMap/,
    ],
    [
      'a name of a prototype',
      'podTemplate',
      { spec: { constructor: {} } },
      'podTemplate.spec.constructor',
      /^cannot be set; allowed here/,
    ],
    [
      'a pod without end',
      'podTemplate',
      { spec: { affinity: new Raw('['.repeat(10_000) + ']'.repeat(10_000), '[ × 10,000') } },
      'podTemplate.spec.affinity',
      /^is nested/,
    ],
    [
      'containers without end',
      'podTemplate',
      { spec: { containers: CONTAINERS } },
      'podTemplate.spec.containers',
      /at most 1024/,
    ],
  ],
  AgentRuntime: [
    ['spaces in it', 'image', 'my image:1', 'image', /^must be an image such as/],
    ['a URL', 'image', 'https://ghcr.io/a/b', 'image', /^must be an image such as/],
    ['no absolute path', 'configPath', 'etc/agent', 'configPath', /^must be an absolute path such as/],
    ['a path upwards', 'persistPath', '/var/../etc', 'persistPath', /^must not contain/],
    ['templates of no dialect', '', { image: 'a', templates: {} }, '', /^templates go with dialect custom/],
    ['a dialect without templates', '', { image: 'a', dialect: 'custom' }, '', /^templates go with dialect custom/],
    ['arguments twice', '', { ...CUSTOM, args: ['a'], templates: { args: ['b'] } }, '', /^args and templates\.args/],
    [
      'no placeholder',
      '',
      { ...CUSTOM, templates: { args: ['{{promt}}'] } },
      'templates.args[0]',
      /known are \{\{prompt}}/,
    ],
    [
      'a text in a script',
      '',
      { ...CUSTOM, command: ['sh', '-c'], templates: { args: ['a "{{prompt}}"'] } },
      'templates.args[0]',
      /^is a script of a shell/,
    ],
    [
      'a value and a source',
      'env',
      [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      'env[0]',
      /remove one of them$/,
    ],
  ],
  McpServer: [
    ['both', '', { command: 'npx', url: 'https://a.example' }, '', /^exactly one of command and url/],
    ['neither', '', {}, '', /^exactly one of command and url/],
    ['headers of a command', '', { command: 'npx', headers: [{ name: 'A', value: 'a' }] }, '', /^headers go with url/],
    ['arguments of a URL', '', { url: 'https://a.example', args: ['a'] }, '', /^args and env go with command/],
    ['no value', '', { command: 'npx', env: [{ name: 'A' }] }, 'env[0]', /^exactly one of value and valueFrom/],
    ['no URL', '', { url: 'a.example' }, 'url', /^must be an http or https URL/],
  ],
  Repository: [
    ['a URL for a host', 'host', 'https://github.com', 'host', /^must be a host name, such as/],
    ['an owner in it', 'name', 'example/website', 'name', /^must be the name of a repository/],
  ],
  ClusterAccess: [
    ['no resources', 'rules', [{ verbs: ['get'] }], 'rules[0]', /^needs apiGroups and resources/],
    [
      'paths in a namespace',
      '',
      { rules: [{ verbs: ['get'], nonResourceURLs: ['/a'] }] },
      '',
      /^nonResourceURLs needs scope: Cluster/,
    ],
    [
      'too many to ask for',
      'rules',
      [
        {
          verbs: ['get'],
          apiGroups: [''],
          resources: Array.from({ length: 64 }, (_, index) => `r${index}`),
          resourceNames: ['a', 'b'],
        },
      ],
      'rules',
      /use fewer or wider rules$/,
    ],
  ],
}

const segments = (path: string) =>
  [...path.matchAll(/[^.[\]]+/g)].map(([word]) => (/^\d+$/.test(word) ? Number(word) : word))

/** What is wrong with an object of a kind beyond its schema. */
export const ruleBreaksOf = (kind: string): (Break & { want: Refusal })[] =>
  (RULE_BREAKS[kind] ?? []).map(([what, at, value, path, right]) => ({
    what,
    at: ['spec', ...segments(at)],
    value,
    want: refusal(['spec', ...segments(path)], right),
  }))
