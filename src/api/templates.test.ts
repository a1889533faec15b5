import { expect, test } from 'bun:test'
import { agentRuntime } from './agentruntime.ts'
import { formatFinding } from './finding.ts'
import { API_VERSION } from './kind.ts'
import { validate } from './validate.ts'

const KNOWN =
  '{{prompt}}, {{promptJson}}, {{instructions}}, {{instructionsJson}}, {{model}}, {{modelJson}}, {{name}}, {{namespace}}, {{workspaceDir}}, {{configFile}}, {{allowedToolsJson}}, {{mcpServersJson}}, {{skillsJson}}, {{repositoriesJson}}'
const SCRIPT =
  'is a script of a shell, in which a text could break out of its quotes; let {{…}} be an argument after it, and use "$1"'
const TOGETHER = 'templates go with dialect custom, and dialect custom with templates'
const custom = (templates: unknown, more: object = {}) => ({ dialect: 'custom', templates, ...more })

const cases: { name: string; given: object; want: string[] }[] = [
  { name: 'none', given: {}, want: [] },
  { name: 'the default', given: { dialect: 'agent-json' }, want: [] },
  { name: 'nothing in them', given: custom({}), want: [] },
  {
    name: 'arguments and files',
    given: custom({ args: ['-p', '{{prompt}}'], files: [{ path: '/etc/a.json', content: '{"m": {{modelJson}}}' }] }),
    want: [],
  },
  { name: 'without the dialect', given: { templates: {} }, want: [`spec: ${TOGETHER}`] },
  { name: 'of another dialect', given: custom({}, { dialect: 'codex' }), want: [`spec: ${TOGETHER}`] },
  { name: 'the dialect without them', given: { dialect: 'custom' }, want: [`spec: ${TOGETHER}`] },
  { name: 'arguments in both places', given: custom({ files: [] }, { args: ['x'] }), want: [] },
  {
    name: 'the same arguments twice',
    given: custom({ args: [] }, { args: ['x'] }),
    want: ['spec: args and templates.args are the same arguments; remove one of them'],
  },
  {
    name: 'placeholders that nobody knows',
    given: custom({ args: ['{{promt}} {{promt}}', '{{if x}}'], files: [{ path: '/x', content: '{{ .Values }}' }] }),
    want: [
      `spec.templates.args[0]: has {{promt}}, which is no placeholder; known are ${KNOWN}`,
      `spec.templates.args[1]: has {{if x}}, which is no placeholder; known are ${KNOWN}`,
      `spec.templates.files[0].content: has {{.Values}}, which is no placeholder; known are ${KNOWN}`,
    ],
  },
  {
    name: 'a text in a script',
    given: custom({ args: ['agent "{{prompt}}"', '{{model}}'] }, { command: ['/bin/bash', '-ec'] }),
    want: [`spec.templates.args[0]: ${SCRIPT}`],
  },
  {
    name: 'a text in a script, the shell not alone',
    given: custom({ args: ['-c', 'agent {{model}}'] }, { command: ['sh'] }),
    want: [`spec.templates.args[1]: ${SCRIPT}`],
  },
  {
    name: 'a text as an argument of a script',
    given: custom({ args: ['agent "$1"', 'sh', '{{prompt}}'] }, { command: ['sh', '-c'] }),
    want: [],
  },
  { name: 'a -c of something else', given: custom({ args: ['{{model}}'] }, { command: ['agent', '-c'] }), want: [] },
  {
    name: 'two files in one place',
    given: custom({ files: ['/a', '/a/', '/etc/agentjob/agent.json', '/tmp'].map((path) => ({ path, content: '' })) }),
    want: [
      'spec.templates.files[1].path: /a is spec.templates.files[0] already; use another path',
      'spec.templates.files[2].path: /etc/agentjob/agent.json is what the agent is told already; use another path',
      'spec.templates.files[3].path: /tmp is the folder for temporary files already; use another path',
    ],
  },
  {
    name: 'a command that cannot be made a text',
    given: { ...custom({ args: ['a'] }), command: [{ toString: [] }] },
    want: ['spec.command[0]: must be a string, not an object'],
  },
  {
    name: 'other shapes',
    given: custom({ args: 5, files: {} }),
    want: [
      'spec.templates.args: must be a list of strings, not 5',
      'spec.templates.files: must be a list of objects (path, content), not an object',
    ],
  },
]

for (const { name, given, want } of cases)
  test(`templates: ${name}`, () => {
    const object = {
      apiVersion: API_VERSION,
      kind: 'AgentRuntime',
      metadata: { name: 'x' },
      spec: { image: 'x', ...given },
    }
    expect(validate(agentRuntime, object).errors.map(formatFinding)).toEqual(want)
  })
