import { z } from 'zod'
import { argument, FIRST } from './fields.ts'
import type { Finding } from './finding.ts'
import { type Fields, isFields } from './isfields.ts'
import { PATHS, trimmed } from './paths.ts'

/** What an output may be called: it is a key of `status.outputs`, and takes room beside what it holds. */
export const OUTPUT_NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$/
const PATH = /^\/?[^/\p{Cc}]+(\/[^/\p{Cc}]+)*$/u

/** Files that an agent leaves in its workspace, and that its status tells of. */
export const Outputs = z
  .array(
    z.object({
      name: z
        .string()
        .min(1, FIRST)
        .max(63, FIRST)
        .regex(OUTPUT_NAME, 'must be of letters, digits, "-", "_" and ".", a letter or digit at both ends')
        .meta({ description: 'Name in status.outputs.' }),
      path: z
        .string()
        .min(1, FIRST)
        .max(1024, FIRST)
        .regex(PATH, 'must be the path of a file in the workspace, such as out/report.md, without empty parts')
        .refine(
          (path) => !path.split('/').some((part) => part === '.' || part === '..'),
          'must not contain "." and ".."',
        )
        .meta({ description: 'Path of the file: relative to workspaceDir, or absolute and inside of that.' }),
      default: argument(1024)
        .optional()
        .meta({ description: 'Its value where there is no such file. Without one it is left out then.' }),
    }),
  )
  .max(16)
  .optional()
  .meta({
    description:
      'Files in the workspace whose contents become status.outputs when a run has ended. Together they have the 4096 bytes of a termination message. It needs sh, sleep and head in the image.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  })
export type Outputs = z.output<typeof Outputs>

/** Absolute paths that are not in the workspace; the spec may be of any shape. */
export function outputRules({ outputs, workspaceDir }: Fields): Finding[] {
  const folder = trimmed(typeof workspaceDir === 'string' ? workspaceDir : PATHS.workspaceDir)
  return (Array.isArray(outputs) ? outputs : []).flatMap((output, index): Finding[] => {
    const path = isFields(output) ? output.path : undefined
    if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith(`${folder}/`)) return []
    return [{ path: `spec.outputs[${index}].path`, message: `must be a path inside of ${folder}, the workspaceDir` }]
  })
}
