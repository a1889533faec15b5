import type { AgentJob } from '../api/agentjob.ts'
import { CA_VOLUME } from '../expand/names.ts'
import { podSpecOf } from './podspec.ts'

/** What is to be done where a pod waits for the CA bundle of the operator's settings; undefined where it waits for something else. */
export function caBundleRemedy({ metadata, expansion }: AgentJob, message: string): string | undefined {
  const [volume] = (expansion?.resources ?? []).flatMap((child) =>
    (podSpecOf(child)?.volumes ?? []).filter(({ name }) => name === CA_VOLUME),
  )
  const { name, items = [] } = volume?.configMap ?? {}
  const [{ key } = {}] = items
  if (name === undefined || key === undefined) return undefined
  const why = "the pod goes on by itself; pods.caBundle of the operator's settings has every pod mount it"
  if (message.includes(`configmap "${name}" not found`))
    return `have ConfigMap ${name} put into namespace ${metadata.namespace}, with the CAs to trust under the key ${key}, and ${why}`
  return message.endsWith(`configmap references non-existent config key: ${key}`)
    ? `have the key ${key} added to ConfigMap ${name}, and ${why}`
    : undefined
}
