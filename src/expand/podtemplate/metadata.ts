import { Buffer } from 'node:buffer'
import { fieldPath } from '../../api/finding.ts'
import { isLabelKey, isLabelValue } from '../../api/labels.ts'
import type { PodTemplate } from './overlay.ts'
import { type Fields, isFields, type Refuse } from './shape.ts'

/** Keys that the expansion, the Job controller or Kueue write. */
const RESERVED =
  /^(([a-z0-9-]+\.)*agentjob\.io\/|app\.kubernetes\.io\/|kueue\.x-k8s\.io\/|batch\.kubernetes\.io\/|(job-name|controller-uid)$)/i

/** Annotations that Kubernetes takes for a securityContext, older than the fields of it. */
const SECURITY =
  /^(container\.apparmor\.security\.beta|seccomp\.security\.alpha|container\.seccomp\.security\.alpha)\./i

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
        const wrong = wrongWith(key, name, text)
        if (wrong) refuse(fieldPath([name], at), wrong)
        else merged[key][name] = text as string
      }
  }
  const bytes = Object.entries(merged.annotations).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0)
  if (bytes > MAX_ANNOTATIONS)
    refuse(`${path}.annotations`, `take ${bytes} bytes with the agent's own; at most ${MAX_ANNOTATIONS} are possible`)
  return merged
}

function wrongWith(list: 'labels' | 'annotations', name: string, text: unknown): string | undefined {
  if (typeof text !== 'string') return 'must be a string; put it in quotes'
  if (RESERVED.test(name)) return 'is reserved; it is not for a podTemplate'
  if (SECURITY.test(name)) return "cannot be set; an agent's pod is hardened"
  if (!isLabelKey(list === 'labels' ? name : name.toLowerCase()))
    return 'is no valid key; write PREFIX/NAME or NAME, the name of at most 63 letters, digits, "-", "_" and "."'
  if (list === 'labels' && !isLabelValue(text))
    return 'must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit first and last'
  return undefined
}
