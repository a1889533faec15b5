import { Buffer } from 'node:buffer'
import type { ChildResource } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import type { RenderedFile } from '../dialects/task.ts'
import type { NamedAgentJob } from './input.ts'
import { childLabels, childNames, FILE_ANNOTATIONS } from './names.ts'

/** A text that the agent finds as a file. */
export interface TextFile {
  /** What it is called: in an annotation, and in a ConfigMap. */
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
  /** The same with variables of the container in it. */
  subPathExpr?: string
  readOnly?: true
}

/** Texts as they are in a pod: projected from its annotations, or from a ConfigMap where they are too long for that. */
export interface RenderedFiles {
  /** Of the pod template; they hold the texts, unless the ConfigMap does. */
  annotations: Record<string, string>
  /** The ConfigMap that holds them where they are too large. */
  config?: ChildResource
  volume: Record<string, unknown>
}

/** Above this many bytes together the files are a ConfigMap: a pod's annotations share 256 KiB. */
export const MAX_ANNOTATION_BYTES = 32 * 1024
const VOLUME = 'agent-config'

/** Renders text files as the volume from which all of them are mounted. */
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
    fieldRef: { fieldPath: `metadata.annotations['${FILE_ANNOTATIONS}${key}']` },
  }))
  return {
    annotations: Object.fromEntries(files.map(({ key, text }) => [FILE_ANNOTATIONS + key, text])),
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

/** Files with places of their own: what each is called is its own name, where that can be a key and no other has it. */
export function placed(files: readonly RenderedFile[]): { file: TextFile; mount: Mount }[] {
  const taken = new Set<string>()
  return files.map(({ path, text }, index) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const key = isKey(name) && !taken.has(name) ? name : `file-${index}`
    taken.add(key)
    return { file: { key, text }, mount: mountOf(key, path) }
  })
}

/** With a dot in it, which no other annotation of ours has. */
const isKey = (name: string) =>
  name.length <= 63 && /^[A-Za-z0-9][A-Za-z0-9_-]*\.([A-Za-z0-9._-]*[A-Za-z0-9])$/.test(name)

function configMap(job: NamedAgentJob, files: readonly TextFile[]): ChildResource {
  const { name, namespace } = job.metadata
  const data = Object.fromEntries(files.map(({ key, text }) => [key, text]))
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: childNames.config(name, hash(data, 10)), namespace, labels: childLabels(name) },
    immutable: true,
    data,
  }
}
