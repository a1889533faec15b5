import { SUBDOMAIN } from './fields.ts'
import { API_VERSION, type KindDefinition, type PrinterColumn } from './kind.ts'
import { type StructuralSchema, structural } from './structural.ts'

/** The reference page of all kinds, in Markdown: their fields, their status and what `kubectl get` shows. */
export function reference(kinds: KindDefinition[]): string {
  const overview = kinds.map((kind) => [`[${kind.kind}](#${kind.kind.toLowerCase()})`, names(kind), kind.description])
  return `# Reference

The kinds of \`${API_VERSION}\`. All of them are namespaced, and \`kubectl get agents\` lists the objects of all of them.

A *name* is that of an object, at most 253 lower case letters, digits, \`-\` and \`.\`; a *quantity* is one of Kubernetes' own, such as \`500m\` or \`1Gi\`; a *time* is written as in \`2026-01-31T03:00:00Z\`.

${table(['Kind', 'Names', 'What it is'], overview)}

${kinds.map(section).join('\n\n')}
`
}

const code = (text: string) => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``)
const names = ({ plural, shortNames }: KindDefinition) => [...shortNames, plural].map(code).join(', ')

function section(kind: KindDefinition): string {
  const spec = structural(kind.spec)
  const [shortName] = kind.shortNames
  const parts = [
    `## ${kind.kind}`,
    kind.description,
    `\`\`\`yaml\n${example(kind)}\`\`\``,
    `### Spec of ${kind.kind}`,
    fieldTable(spec),
    rules(spec),
    kind.expands ? expansion(kind) : '',
    ...(kind.status ? [`### Status of ${kind.kind}`, statusTable(structural(kind.status))] : []),
    `### \`kubectl get ${shortName}\``,
    columnTable(kind.columns),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** A manifest, its spec in one line of YAML's flow style. */
const example = ({ kind, example: spec }: KindDefinition): string =>
  `apiVersion: ${API_VERSION}\nkind: ${kind}\nmetadata: {name: example}\nspec: ${JSON.stringify(spec, null, 1).replace(/\n */g, ' ')}\n`

const expansion = ({ kind }: KindDefinition): string =>
  `Beside \`spec\`, a stored ${kind} has the field \`expansion\`: what admission made of the spec, the objects that it stands for and the hashes of all that went into them. It is signed; what people write there is ignored.`

interface Field {
  path: string
  required: boolean
  schema: StructuralSchema
}

/** Every field below a schema, in the order of the schema: `env`, `env[].name` … */
function fieldsOf(schema: StructuralSchema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const field = { path, required: schema.required?.includes(name) ?? false, schema: property }
    const inner = property.items ?? property
    return [field, ...fieldsOf(inner, property.items ? `${path}[].` : `${path}.`)]
  })
}

function fieldTable(spec: StructuralSchema): string {
  const rows = fieldsOf(spec).map(({ path, required, schema }) => [
    code(path),
    typeOf(schema),
    schema.default === undefined ? '' : code(String(schema.default)),
    required ? 'yes' : '',
    limitsOf(schema),
    schema.description ?? '',
  ])
  return table(['Field', 'Type', 'Default', 'Required', 'Limits', 'Description'], rows)
}

function statusTable(status: StructuralSchema): string {
  const rows = fieldsOf(status).map(({ path, schema }) => [
    code(path),
    typeOf(schema),
    schema.enum ? limitsOf(schema) : '',
    schema.description ?? '',
  ])
  return table(['Field', 'Type', 'Values', 'Description'], rows)
}

function columnTable(columns: PrinterColumn[]): string {
  const rows = columns.map(({ name, jsonPath, priority }) => [
    name.toUpperCase(),
    code(jsonPath.slice(1)),
    priority ? 'with `-o wide`' : 'always',
  ])
  return table(['Column', 'Field', 'Shown'], rows)
}

function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string']) return schema.maximum === undefined ? 'quantity' : 'integer or string'
  if (schema.pattern === SUBDOMAIN.source) return 'name'
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'any')
}

/** What a value must keep to: its own limits, and for a list or a map those of what is in it. */
function limitsOf(schema: StructuralSchema): string {
  if (['name', 'quantity'].includes(typeOf(schema))) return ''
  const own = [
    schema.enum?.map((value) => code(String(value))).join(', '),
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' entries'),
    range(undefined, schema.maxProperties, ' entries'),
    schema.pattern && code(schema.pattern),
  ]
  const inner = schema.items?.type === 'string' ? schema.items : schema.additionalProperties
  const each = inner ? limitsOf(inner) : ''
  return [...own, each && `each ${each}`].filter(Boolean).join('; ')
}

function range(low: number | undefined, high: number | undefined, unit: string): string | undefined {
  if (high === undefined) return low === undefined ? undefined : `at least ${low}${unit}`
  return low === undefined || (unit && low === 0) ? `at most ${high}${unit}` : `${low} to ${high}${unit}`
}

/** What the schema's rules say, each at its place. */
function rules(spec: StructuralSchema): string {
  const all = [{ path: 'spec', schema: spec }, ...fieldsOf(spec)].flatMap(({ path, schema }) => [
    ...messages(code(path), schema),
    ...messages(code(`${path}[]`), schema.items),
  ])
  return all.length ? `Rules:\n\n${all.map((line) => `- ${line}`).join('\n')}` : ''
}

const messages = (where: string, schema: StructuralSchema | undefined): string[] =>
  (schema?.['x-kubernetes-validations'] ?? []).map(({ message }) => `${where}: ${message}`)

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
