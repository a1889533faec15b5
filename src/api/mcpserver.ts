import { z } from 'zod'
import { envName, FIRST, strings, valueFromSecret } from './fields.ts'
import type { Finding } from './finding.ts'
import type { KindDefinition, Resource } from './kind.ts'
import { ruled } from './ruled.ts'

const value = z.string().max(32768).optional().meta({ description: 'The value, in plain text.' })
const withOneSource = <S extends z.ZodObject>(schema: S) =>
  ruled(schema, [
    {
      rule: 'has(self.value) != has(self.valueFrom)',
      message: 'exactly one of value and valueFrom must be set',
      holds: ({ value, valueFrom }) => (value === undefined) !== (valueFrom === undefined),
    },
  ])

export const McpServerSpec = ruled(
  z.object({
    command: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: 'Program that speaks MCP on stdin and stdout.' }),
    args: strings('Arguments of the command.'),
    env: z
      .array(
        withOneSource(
          z.object({ name: envName('Name of the variable.'), value, valueFrom: valueFromSecret.optional() }),
        ),
      )
      .max(64)
      .optional()
      .meta({
        description: 'Environment variables of the command.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    url: z
      .string()
      .max(2048, FIRST)
      .regex(/^https?:\/\/\S+$/, 'must be an http or https URL')
      .optional()
      .meta({ description: 'Endpoint of a remote server.' }),
    headers: z
      .array(
        withOneSource(
          z.object({
            name: z
              .string()
              .min(1, FIRST)
              .max(256, FIRST)
              .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of an HTTP header')
              .meta({ description: 'Name of the header.' }),
            value,
            valueFrom: valueFromSecret.optional(),
          }),
        ),
      )
      .max(32)
      .optional()
      .meta({
        description: 'HTTP headers for the url. The value of an Authorization header belongs in a Secret.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
  }),
  [
    {
      rule: 'has(self.command) != has(self.url)',
      message: 'exactly one of command and url must be set',
      holds: ({ command, url }) => (command === undefined) !== (url === undefined),
    },
    {
      rule: '!has(self.url) || ((!has(self.args) || size(self.args) == 0) && (!has(self.env) || size(self.env) == 0))',
      message: 'args and env go with command, not with url',
      holds: ({ url, args, env }) => url === undefined || (!args?.length && !env?.length),
    },
    {
      rule: '!has(self.command) || !has(self.headers) || size(self.headers) == 0',
      message: 'headers go with url, not with command',
      holds: ({ command, headers }) => command === undefined || !headers?.length,
    },
  ],
)
export type McpServerSpec = z.output<typeof McpServerSpec>
export type McpServer = Resource<McpServerSpec>

const IN_PLAIN_TEXT = 'in plain text, for everybody who may read this object; put it in a Secret and use valueFrom'

/** Credentials that stand in a spec of any shape. */
function literalCredentials({ url, headers }: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  if (typeof url === 'string' && /^https?:\/\/[^/?#]*@/.test(url))
    findings.push({ path: 'spec.url', message: `holds a password ${IN_PLAIN_TEXT} in an Authorization header` })
  for (const [index, header] of (Array.isArray(headers) ? headers : []).entries())
    if (/^(proxy-)?authorization$/i.test(header?.name) && header?.value !== undefined)
      findings.push({ path: `spec.headers[${index}].value`, message: `stands ${IN_PLAIN_TEXT}` })
  return findings
}

/** A whole command line in the place of a program: nothing takes it apart. */
function commandLine({ command }: Record<string, unknown>): Finding[] {
  if (typeof command !== 'string' || !/^\S+ +-|^(npx|uvx|bunx|npm|node|deno|python3?|docker) /.test(command)) return []
  return [
    {
      path: 'spec.command',
      message: 'is started as it stands, without a shell; put what follows the program into args',
    },
  ]
}

export const mcpServer: KindDefinition = {
  kind: 'McpServer',
  plural: 'mcpservers',
  singular: 'mcpserver',
  shortNames: ['mcp'],
  description: 'A Model Context Protocol server that agents can use: a command in their container, or a URL.',
  spec: McpServerSpec,
  rules: (_, spec) => ({ errors: [], warnings: [...commandLine(spec), ...literalCredentials(spec)] }),
  columns: [
    { name: 'Command', type: 'string', jsonPath: '.spec.command' },
    { name: 'URL', type: 'string', jsonPath: '.spec.url' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
}
