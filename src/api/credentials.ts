import { z } from 'zod'
import { absolutePath, envName, fileMode, objectName, secretKey } from './fields.ts'
import { ruled } from './ruled.ts'

const MODES = 'the whole Secret (no key), one key in env, or one key as a file at mountPath'

const credential = ruled(
  z.object({
    name: z
      .string()
      .min(1)
      .max(50)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a name of lower case letters, digits and "-"')
      .meta({ description: 'What it is called; part of the name of its volume.' }),
    secretRef: z
      .object({
        name: objectName('Name of the Secret, in the namespace of the AgentJob.'),
        key: secretKey.optional(),
      })
      .meta({ description: 'A Secret, or one key of it.' }),
    env: envName('Environment variable that gets the value of the key.').optional(),
    mountPath: absolutePath(
      'Where the value of the key is a file or, without a key, the Secret is a folder.',
    ).optional(),
    fileMode: fileMode('Permissions of the files; 0600 is assumed.').optional(),
  }),
  [
    {
      rule: 'has(self.secretRef.key) ? has(self.env) != has(self.mountPath) : !has(self.env)',
      message: `must say where the values go: ${MODES}`,
      holds: ({ secretRef, env, mountPath }) =>
        secretRef?.key === undefined ? env === undefined : (env === undefined) !== (mountPath === undefined),
    },
    {
      rule: '!has(self.fileMode) || has(self.mountPath)',
      message: 'fileMode goes with mountPath',
      holds: ({ fileMode, mountPath }) => fileMode === undefined || mountPath !== undefined,
    },
  ],
)
export type Credential = z.output<typeof credential>

/** What agents need to know of Secrets: as variables or as files, by reference and never copied. */
export const credentials = z
  .array(credential)
  .max(32)
  .optional()
  .meta({
    description: `Secrets for every agent that runs here: ${MODES}. A Secret without key and mountPath becomes variables.`,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  })
