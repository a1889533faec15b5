import { Buffer } from 'node:buffer'
import type { ChildResource } from '../api/expansion.ts'
import { hash } from '../api/hash.ts'
import type { RenderedFile } from '../dialects/task.ts'
import type { NamedAgentJob } from './input.ts'
import { childLabels, childNames, FILE_ANNOTATIONS } from './names.ts'

/** Above this many bytes together the files are a ConfigMap: a pod's annotations share 256 KiB. */
export const MAX_ANNOTATION_BYTES = 32 * 1024

const VOLUME = 'agent-config'

/** Text files for an agent, and what brings them into its pod. */
export interface RenderedFiles {
  /** Of the pod template; they hold the texts, unless the ConfigMap does. */
  annotations: Record<string, string>
  /** The ConfigMap that holds them where they are too large. */
  config?: ChildResource
  volume: { name: string; [source: string]: unknown }
  mounts: { name: string; mountPath: string; subPath: string; readOnly: true }[]
}

/** Renders text files, read-only each. */
export function renderFiles(job: NamedAgentJob, files: RenderedFile[]): RenderedFiles {
  const keyed = keysOf(files)
  const texts = Object.fromEntries(keyed.map(({ key, text }) => [key, text]))
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  const config = bytes > MAX_ANNOTATION_BYTES ? configMap(job, texts) : undefined
  return {
    annotations: config ? {} : Object.fromEntries(keyed.map(({ key, text }) => [FILE_ANNOTATIONS + key, text])),
    config,
    volume: {
      name: VOLUME,
      ...(config ? { configMap: { name: config.metadata.name } } : { downwardAPI: { items: keyed.map(itemOf) } }),
    },
    // by subPath, so that a later edit of the annotation does not reach a running agent
    mounts: keyed.map(({ key, path }) => ({ name: VOLUME, mountPath: path, subPath: key, readOnly: true })),
  }
}

/** What each file is called in its annotation: its own name, where that can be a key and no other file has it. */
function keysOf(files: RenderedFile[]): (RenderedFile & { key: string })[] {
  const taken = new Set<string>()
  return files.map((file, index) => {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1)
    const key = isKey(name) && !taken.has(name) ? name : `file-${index}`
    taken.add(key)
    return { ...file, key }
  })
}

/** With a dot in it, which no other annotation of ours has. */
const isKey = (name: string) =>
  name.length <= 63 && /^[A-Za-z0-9][A-Za-z0-9_-]*\.([A-Za-z0-9._-]*[A-Za-z0-9])$/.test(name)

const itemOf = ({ key }: { key: string }) => ({
  path: key,
  fieldRef: { fieldPath: `metadata.annotations['${FILE_ANNOTATIONS}${key}']` },
})

function configMap(job: NamedAgentJob, data: Record<string, string>): ChildResource {
  const { name, namespace } = job.metadata
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: childNames.config(name, hash(data, 10)), namespace, labels: childLabels(name) },
    immutable: true,
    data,
  }
}
