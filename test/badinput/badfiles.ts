/** A file that nothing is wrong with. */
export const RUNTIME =
  'apiVersion: agentjob.io/v1alpha1\nkind: AgentRuntime\nmetadata: {name: echo}\nspec: {image: echo}\n'
const BAD = RUNTIME.replace('{image: echo}', '{image: 1}')
const TOLD = 'spec.image: must be a string, not 1; put it in quotes'
const laughs = Array.from({ length: 10 }, (_, level) =>
  level
    ? `l${level}: &l${level} [${Array(9)
        .fill(`*l${level - 1}`)
        .join(', ')}]`
    : 'l0: &l0 ha',
)
const list = (items: string) => `apiVersion: v1\nkind: List\nitems: ${items}\n`

export interface BadFile {
  name: string
  given: string | Uint8Array
  /** What `agentjob validate` says of it before the line that counts; `…` for whatever else it says. */
  says: string[]
}

/** Files that are none, or hardly. */
export const files: BadFile[] = [
  { name: 'empty', given: '', says: ['FILE: error: holds no object'] },
  { name: 'empty documents', given: '---\n# none\n---\n\n---\n', says: ['FILE: error: holds no object'] },
  {
    name: 'an empty one between two',
    given: `${RUNTIME}---\n\n---\n${BAD.replace('echo}', 'b}')}`,
    says: [`FILE:11:8: error: ${TOLD}`],
  },
  { name: 'CRLF', given: BAD.replaceAll('\n', '\r\n'), says: [`FILE:4:8: error: ${TOLD}`] },
  { name: 'a byte order mark', given: `\ufeff${BAD}`, says: [`FILE:4:8: error: ${TOLD}`] },
  {
    name: 'JSON',
    given: JSON.stringify(
      { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentRuntime', metadata: { name: 'a' }, spec: { image: 1 } },
      null,
      1,
    ),
    says: [`FILE:8:3: error: ${TOLD}`],
  },
  {
    name: 'JSON that breaks off',
    given: '{"apiVersion": "agentjob.io/v1alpha1",\n "kind": ',
    says: ['FILE:2:10: error: Flow map must end with a }'],
  },
  {
    name: 'a list',
    given: '- a\n- b\n',
    says: ['FILE:1:1: error: must be an object with apiVersion, kind and metadata, not a list'],
  },
  {
    name: 'a text',
    given: 'hello\n',
    says: ['FILE:1:1: error: must be an object with apiVersion, kind and metadata, not a string'],
  },
  {
    name: 'a number',
    given: '42\n',
    says: ['FILE:1:1: error: must be an object with apiVersion, kind and metadata, not a number'],
  },
  {
    name: 'a List',
    given: list(
      `[${JSON.stringify({ kind: 'AgentRuntime', apiVersion: 'agentjob.io/v1alpha1', metadata: { name: 'a' }, spec: { image: 1 } })}]`,
    ),
    says: [`FILE:3:100: error: ${TOLD}`],
  },
  {
    name: 'a List of oddities',
    given: list('[null, 3, []]'),
    says: [
      'FILE:3:9: error: must be an object with apiVersion, kind and metadata, not nothing',
      'FILE:3:15: error: must be an object with apiVersion, kind and metadata, not a number',
      'FILE:3:18: error: must be an object with apiVersion, kind and metadata, not a list',
    ],
  },
  { name: 'a List of nothing', given: list('null'), says: ['FILE: error: holds no object'] },
  {
    name: 'broken YAML',
    given: 'a: [1\nb: 2\n',
    says: ['FILE:2:1: error: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  },
  {
    name: 'tabs',
    given: 'apiVersion: v1\nkind: x\nmetadata:\n\tname: a\n',
    says: ['FILE:4:1: error: Tabs are not allowed as indentation'],
  },
  {
    name: 'an anchor in itself',
    given: 'a: &x\n  b: *x\n',
    says: ['FILE:2:6: error: *x stands inside of what it refers to'],
  },
  {
    name: 'a billion laughs',
    given: laughs.join('\n'),
    says: ['FILE:1:1: error: Excessive alias count indicates a resource exhaustion attack'],
  },
  {
    name: '100,000 lists in each other',
    given: `a: ${'['.repeat(100_000)}`,
    says: ['FILE:1:203: error: is nested too deep; nothing is read from here on'],
  },
  {
    name: '20,000 keys',
    given: Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join(''),
    says: [
      'FILE:1:1: error: apiVersion: is required; it is agentjob.io/v1alpha1 here',
      'FILE:1:1: error: kind: is required',
      '…',
    ],
  },
  { name: 'a NUL', given: 'a: "\0"\n', says: ['FILE: error: is no text; YAML or JSON in UTF-8 is needed'] },
  {
    name: 'UTF-16',
    given: new Uint8Array([0xff, 0xfe, 0x61, 0, 0x3a, 0]),
    says: ['FILE: error: is no text; YAML or JSON in UTF-8 is needed'],
  },
  {
    name: 'an image',
    given: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]),
    says: ['FILE: error: is no text; YAML or JSON in UTF-8 is needed'],
  },
  {
    name: '50 MB',
    given: `a: |\n${' xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n'.repeat(1_000_000)}`,
    says: ['FILE: error: is larger than 8 MB; split it'],
  },
]
