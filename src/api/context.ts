import { z } from 'zod'
import { configMapKey, FIRST, objectName, secretKey } from './fields.ts'
import { GIT_REF, GIT_URL, hasPassword } from './gitrepository.ts'
import type { KindDefinition, Resource } from './kind.ts'
import { type Rule, ruled } from './ruled.ts'

/** Where a context can come from, and the member that says so. */
const MEMBERS = { Inline: 'inline', ConfigMap: 'configMap', Secret: 'secret', Git: 'git', Url: 'url' } as const
export const CONTEXT_TYPES = Object.keys(MEMBERS) as (keyof typeof MEMBERS)[]

export const contextType = z
  .enum(CONTEXT_TYPES)
  .meta({ description: 'Where the context comes from; the member of that name says more.' })

/** The members of a context, one for each type. None has a default: in an atomic list whoever applies it would see a difference. */
export const contextSources = {
  inline: z
    .object({ content: z.string().max(262144).meta({ description: 'The text.' }) })
    .optional()
    .meta({ description: 'A text that stands here.' }),
  configMap: z
    .object({
      name: objectName('Name of the ConfigMap, in the namespace of the object that names it.'),
      key: configMapKey.optional(),
      optional: z.boolean().optional().meta({ description: 'Whether the ConfigMap or its key may be missing.' }),
    })
    .optional()
    .meta({ description: 'A ConfigMap, or one key of it. Whoever names it here needs the verb get on it.' }),
  secret: z
    .object({
      name: objectName('Name of the Secret, in the namespace of the AgentJob.'),
      key: secretKey.optional(),
    })
    .optional()
    .meta({ description: 'A Secret, or one key of it. It is mounted, and never read by AgentJob itself.' }),
  git: z
    .object({
      repository: z
        .string()
        .max(2048, FIRST)
        .regex(GIT_URL, 'must be a URL such as https://github.com/example/docs.git, or git@github.com:example/docs.git')
        .refine((url) => !hasPassword(url), 'must not have a password in it; put it into secretRef')
        .meta({ description: 'URL of the repository.' }),
      path: z
        .string()
        .min(1, FIRST)
        .max(1024, FIRST)
        .refine(isRelative, 'must be a path in the repository such as docs/style.md, without "." and ".."')
        .optional()
        .meta({ description: 'File or folder in the repository; all of it where it is left out.' }),
      ref: z
        .string()
        .min(1, FIRST)
        .max(255, FIRST)
        .regex(GIT_REF, 'must be a branch, a tag or a commit, without spaces')
        .optional()
        .meta({ description: 'Branch, tag or commit; HEAD is assumed.' }),
      depth: z
        .int()
        .min(0)
        .max(1000000)
        .optional()
        .meta({ description: 'How many commits are fetched, 0 for all; 1 is assumed.' }),
      secretRef: z
        .object({ name: objectName('Name of the Secret, in the namespace of the AgentJob.') })
        .optional()
        .meta({
          description:
            'A Secret with username and password (basic-auth), or ssh-privatekey and known_hosts (ssh-auth), for a private repository.',
        }),
    })
    .optional()
    .meta({ description: 'A Git repository, fetched before the agent starts.' }),
  url: z
    .object({
      url: z
        .string()
        .max(2048, FIRST)
        .regex(/^https?:\/\/[^\s@/]+(\/\S*)?$/, 'must be an http or https URL, without a password')
        .meta({ description: 'Where the file is.' }),
      sha256: z
        .string()
        .max(64, FIRST)
        .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 sum in 64 hexadecimal digits')
        .optional()
        .meta({ description: 'What the file must be; a run fails where it is another.' }),
    })
    .optional()
    .meta({ description: 'A file that is fetched before the agent starts.' }),
}

function isRelative(path: string): boolean {
  return !/\p{Cc}/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

type Source = { type?: (typeof CONTEXT_TYPES)[number] } & Partial<
  Record<(typeof MEMBERS)[keyof typeof MEMBERS], unknown>
>

/** Each member goes with its type, and a type has its member. */
export const memberRules: Rule<Source>[] = Object.entries(MEMBERS).map(([type, member]) => ({
  rule: `(has(self.type) && self.type == '${type}') == has(self.${member})`,
  message: `type ${type} and ${member} go together; one of them is missing`,
  // of a type that there is none of, that is told
  holds: (given) =>
    (given.type !== undefined && !CONTEXT_TYPES.includes(given.type)) ||
    (given.type === type) === (given[member] !== undefined),
}))

export const ContextSpec = ruled(z.object({ type: contextType, ...contextSources }), memberRules)
export type ContextSpec = z.output<typeof ContextSpec>
export type Context = Resource<ContextSpec>

export const context: KindDefinition = {
  kind: 'Context',
  plural: 'contexts',
  singular: 'context',
  shortNames: ['ctx'],
  description:
    'What agents should know beside their prompt: a text, or what is in a ConfigMap, a Secret, a Git repository or at a URL.',
  spec: ContextSpec,
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  example: { type: 'Inline', inline: { content: 'We write in British English.' } },
}
