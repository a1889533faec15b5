import { expect, test } from 'bun:test'
import { agentRuntime } from './agentruntime.ts'
import { formatFinding } from './finding.ts'
import { outputRules } from './outputs.ts'
import { validate } from './validate.ts'

const errorsOf = (outputs: unknown, spec: object = {}) => {
  const metadata = { name: 'a' }
  const object = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentRuntime', metadata }
  return validate(agentRuntime, { ...object, spec: { image: 'a', outputs, ...spec } }).errors.map((finding) =>
    formatFinding(finding).replace(/, not ".*"$/s, ''),
  )
}
const PATH = 'must be the path of a file in the workspace, such as out/report.md, without empty parts'
const NAME = 'must be of letters, digits, "-", "_" and ".", a letter or digit at both ends'
const many = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `n${n}`, path: 'a' }))

const cases: { name: string; outputs: unknown; spec?: object; want: string[] }[] = [
  { name: 'none', outputs: [], want: [] },
  {
    name: 'paths and names of all sorts',
    outputs: [
      { name: 'a', path: 'a' },
      { name: 'Pr-url_2.md', path: '.hidden/ä b/..c', default: '' },
      { name: 'z', path: '/workspace/out/z', default: '$(HOME)\n' },
    ],
    want: [],
  },
  {
    name: 'an absolute path in a workspace of its own',
    outputs: [{ name: 'a', path: '/srv/a' }],
    spec: { workspaceDir: '/srv/' },
    want: [],
  },
  {
    name: 'elsewhere',
    outputs: ['/etc/passwd', '/workspace', '/workspaces/a'].map((path, n) => ({ name: `n${n}`, path })),
    want: [0, 1, 2].map((n) => `spec.outputs[${n}].path: must be a path inside of /workspace, the workspaceDir`),
  },
  {
    name: 'out of it',
    outputs: ['../a', 'a/../../b', './a', '/workspace/../etc/passwd'].map((path, n) => ({ name: `n${n}`, path })),
    want: [0, 1, 2, 3].map((n) => `spec.outputs[${n}].path: must not contain "." and ".."`),
  },
  {
    name: 'no file',
    outputs: ['a/', 'a//b', '/', 'a\nb', '//a'].map((path, n) => ({ name: `n${n}`, path })),
    want: expect.arrayContaining([0, 1, 2, 3, 4].map((n) => `spec.outputs[${n}].path: ${PATH}`)),
  },
  {
    name: 'names that are none',
    outputs: ['-a', 'a b', 'ä', '__proto__', 'a\n'].map((name) => ({ name, path: 'a' })),
    want: [0, 1, 2, 3, 4].map((n) => `spec.outputs[${n}].name: ${NAME}`),
  },
  {
    name: 'twice one name',
    outputs: [...many(1), ...many(1)],
    want: ['spec.outputs[1].name: n0 stands here twice; remove one of them'],
  },
  { name: 'sixteen', outputs: many(16), want: [] },
  { name: 'more', outputs: many(17), want: [expect.stringContaining('spec.outputs: ')] },
  {
    name: 'a long default, and one with NUL',
    outputs: [
      { name: 'a', path: 'a', default: 'x'.repeat(1025) },
      { name: 'b', path: 'a', default: '\0' },
    ],
    want: [
      expect.stringMatching(/^spec\.outputs\[0\]\.default: /),
      expect.stringMatching(/^spec\.outputs\[1\]\.default: .*NUL/),
    ],
  },
]
for (const { name, outputs, spec, want } of cases)
  test(`outputs: ${name}`, () => expect(errorsOf(outputs, spec)).toEqual(want))

test('outputs: other shapes are the business of the schema', () => {
  for (const outputs of [5, null, [null, 5, 'a', {}, { path: 5 }]]) expect(outputRules({ outputs })).toEqual([])
  expect(outputRules({ outputs: [{ path: '/a' }], workspaceDir: 5 })).toHaveLength(1)
})
