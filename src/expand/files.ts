import { Buffer } from 'node:buffer'
import type { ChildResource } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import type { NamedAgentJob } from './input.ts'
import { childLabels, childNames, FILE_ANNOTATION } from './names.ts'

/** A text that the agent finds as a file. */
export interface TextFile {
  /** What it is called among its kind: of an annotation, and of a key in a ConfigMap. */
  key: string
  text: string
  /** In its volume, where that is not the key: a folder's files share the first part. */
  path?: string
  mode?: number
}

/** A volume's place in the container. */
export interface Mount {
  name: string
  mountPath: string
  subPath?: string
  readOnly?: true
}

/** Texts as they are in a pod: projected from its annotations, or from a ConfigMap where they are too long for that. */
export interface RenderedFiles {
  annotations: Record<string, string>
  volume: Record<string, unknown>
  config?: ChildResource
}

/** Above so many bytes together the files are in a ConfigMap of their own: a pod's annotations share 256 KiB. */
export const MAX_ANNOTATION_BYTES = 32 * 1024
const VOLUME = 'agent-config'

/** Renders files as the volume from which all of them are mounted. */
export function renderFiles(job: NamedAgentJob, files: readonly TextFile[]): RenderedFiles {
  const items = files.map(({ key, path = key, mode }) => ({ key, path, ...(mode === undefined ? {} : { mode }) }))
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  if (bytes > MAX_ANNOTATION_BYTES) {
    const config = configMap(job, files)
    // all of them as they are called: nothing has to be said of each
    const plain = items.every(({ key, path, mode }) => path === key && mode === undefined)
    const source = { name: config.metadata.name, ...(plain ? {} : { items }) }
    return { annotations: {}, volume: { name: VOLUME, configMap: source }, config }
  }
  const projected = items.map(({ key, ...item }) => ({
    ...item,
    fieldRef: { fieldPath: `metadata.annotations['${FILE_ANNOTATION(key)}']` },
  }))
  return {
    annotations: Object.fromEntries(files.map(({ key, text }) => [FILE_ANNOTATION(key), text])),
    volume: { name: VOLUME, downwardAPI: { items: projected } },
  }
}

/** A file of that volume, or a folder of it; by subPath, so that a later edit does not reach a running agent. */
export const mountOf = (path: string, mountPath: string): Mount => ({
  name: VOLUME,
  mountPath,
  subPath: path,
  readOnly: true,
})

function configMap(job: NamedAgentJob, files: readonly TextFile[]): ChildResource {
  const { name, namespace } = job.metadata
  const texts = files.map(({ key, text }) => [key, text] as const)
  const [first, ...others] = texts
  const digest = hash(first && !others.length ? first[1] : texts, 10)
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: childNames.config(name, digest), namespace, labels: childLabels(name) },
    immutable: true,
    data: Object.fromEntries(texts),
  }
}
