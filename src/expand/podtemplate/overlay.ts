import { type Finding, fieldPath } from '../../api/finding.ts'
import { mergeMetadata } from './metadata.ts'
import { mergePodSpec } from './podspec.ts'
import { type Fields, hasShape, type Refuse } from './shape.ts'

/** A pod template as far as the overlay knows it; the agent's container is the first one. */
export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> }
  spec: PodSpec
}

/** The spec of a pod template. */
export type PodSpec = Fields & { containers: Fields[]; initContainers?: Fields[]; volumes: Fields[] }

/**
 * Merges a podTemplate into a rendered pod template: it adds, and never takes away or weakens. What it may set is
 * listed, so that a field which a later Kubernetes brings is refused until somebody has thought about it. Each refusal
 * is returned with the field that it is about; with one, the template is the rendered one.
 */
export function overlay(rendered: PodTemplate, given: Fields): { template: PodTemplate; errors: Finding[] } {
  const errors: Finding[] = []
  const refuse: Refuse = (path, message) => errors.push({ path, message })
  const template = { ...rendered }
  for (const [key, value] of Object.entries(given)) {
    const path = fieldPath([key], 'spec.podTemplate')
    if (key !== 'metadata' && key !== 'spec') refuse(path, 'is unknown; a podTemplate has metadata and spec')
    else if (!hasShape(value, 'map', path, refuse)) continue
    else if (key === 'metadata') template.metadata = mergeMetadata(rendered.metadata, value as Fields, path, refuse)
    else template.spec = mergePodSpec(rendered.spec, value as Fields, path, refuse)
  }
  return errors.length ? { template: rendered, errors } : { template, errors }
}
