import { Buffer } from 'node:buffer'
import { fieldPath } from '../../api/finding.ts'
import { wrongWithMetadata } from '../../api/podmetadata.ts'
import type { PodTemplate } from './overlay.ts'
import { type Fields, isFields, type Refuse } from './shape.ts'

/** What the API server takes of annotations in all: keys and values, in bytes. */
const MAX_ANNOTATIONS = 256 * 1024

type Metadata = PodTemplate['metadata']

/** Adds labels and annotations to a pod's own. */
export function mergeMetadata(rendered: Metadata, given: Fields, path: string, refuse: Refuse): Metadata {
  const merged = { labels: { ...rendered.labels }, annotations: { ...rendered.annotations } }
  for (const [key, entries] of Object.entries(given)) {
    const at = fieldPath([key], path)
    if (key !== 'labels' && key !== 'annotations') refuse(at, 'cannot be set; allowed here: labels, annotations')
    else if (!isFields(entries)) refuse(at, 'must be a map of strings')
    else
      for (const [name, text] of Object.entries(entries)) {
        const wrong = wrongWithMetadata(key, name, text)
        if (wrong) refuse(fieldPath([name], at), wrong)
        else merged[key][name] = text as string
      }
  }
  const bytes = Object.entries(merged.annotations).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0)
  if (bytes > MAX_ANNOTATIONS)
    refuse(`${path}.annotations`, `take ${bytes} bytes with the agent's own; at most ${MAX_ANNOTATIONS} are possible`)
  return merged
}
