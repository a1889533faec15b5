import { formatFinding } from '../../api/finding.ts'
import { containerSecurityContext, podSecurityContext } from '../hardening.ts'
import { overlay, type PodTemplate } from './overlay.ts'
import type { Fields } from './shape.ts'

/** A rendered pod template, as small as it can be for the tests of this folder. */
export const rendered = (spec: Fields = {}): PodTemplate => ({
  metadata: { labels: { ours: 'a' }, annotations: { ours: 'b' } },
  spec: {
    securityContext: podSecurityContext(),
    containers: [
      {
        name: 'agent',
        securityContext: containerSecurityContext(),
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
    ...spec,
  },
})

/** The spec of a pod after a podTemplate with this one; throws where it is refused. */
export function merged(given: Fields, base = rendered()): PodTemplate['spec'] {
  const { template, errors } = overlay(base, { spec: given })
  if (errors.length) throw new Error(errors.map(formatFinding).join('\n'))
  return template.spec
}

/** What is refused of a podTemplate with this spec, with the paths below `spec.podTemplate.spec`. */
export const refusals = (given: unknown, base = rendered()): string[] =>
  overlay(base, { spec: given }).errors.map((finding) =>
    formatFinding(finding).replace(/^spec\.podTemplate\.spec\.?/, ''),
  )
