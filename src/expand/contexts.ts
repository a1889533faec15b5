import type { AgentJobSpec } from '../api/agentjob.ts'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { ContextSpec } from '../api/context.ts'
import { type ContextUse, inlineContext } from '../api/contexts.ts'
import type { Finding } from '../api/finding.ts'
import type { ConfigMapContent } from './referenced.ts'
import type { Found } from './references.ts'

/** A context that an agent gets, found. */
export interface UsedContext {
  /** Of the Context; of one that stands in the object that uses it undefined. */
  name?: string
  /** Where it stands, or its Context; its ConfigMap is there too. */
  namespace: string
  source: ContextSpec
  mountPath?: string
  fileMode?: number
  /** Who uses it, as a finding has it. */
  user: { path: string; says: string }
  /** What of its ConfigMap it takes, by key. */
  texts?: Record<string, string>
}

/** How the objects are found that contexts lead to. */
export interface ContextFinder {
  /** A Context of that name, or undefined; the miss is told already. */
  find(name: string, user: UsedContext['user']): Found<ContextSpec> | undefined
  configMap(namespace: string, name: string): ConfigMapContent | undefined
}

/** The contexts of an AgentJob, those of its AgentRuntime first, and what of them is not there. */
export function usedContexts(
  spec: Pick<AgentJobSpec, 'contexts' | 'runtimeRef'>,
  namespace: string,
  runtime: Found<AgentRuntimeSpec> | undefined,
  finder: ContextFinder,
): { contexts: UsedContext[]; missing: Finding[] } {
  const missing: Finding[] = []
  const uses = [
    ...(runtime?.spec.contexts ?? []).map((use, index) => ({
      ...{ use, namespace: runtime?.namespace as string },
      user: { path: 'spec.runtimeRef', says: `contexts[${index}] of AgentRuntime "${spec.runtimeRef}": ` },
    })),
    ...(spec.contexts ?? []).map((use, index) => ({
      ...{ use, namespace },
      user: { path: `spec.contexts[${index}]`, says: '' },
    })),
  ]
  const contexts = uses.flatMap((one): UsedContext[] => {
    const used = contextOf(one, finder)
    if (!used) return []
    const { configMap } = used.source
    if (!configMap) return [used]
    const { texts, wanting } = textsOf(configMap, finder.configMap(used.namespace, configMap.name), used.namespace)
    if (wanting) missing.push({ path: used.user.path, message: `${used.user.says}${wanting}` })
    return [{ ...used, texts }]
  })
  return { contexts: eachOnce(contexts), missing }
}

interface Use {
  use: ContextUse
  namespace: string
  user: UsedContext['user']
}

function contextOf({ use, namespace, user }: Use, finder: ContextFinder): UsedContext | undefined {
  const { mountPath, fileMode } = use
  const source = inlineContext(use)
  if (source) return { namespace, source, mountPath, fileMode, user }
  const found = finder.find(use.name as string, user)
  return found && { name: found.name, namespace: found.namespace, source: found.spec, mountPath, fileMode, user }
}

function textsOf(
  { name, key, optional }: NonNullable<ContextSpec['configMap']>,
  content: ConfigMapContent | undefined,
  namespace: string,
): { texts: Record<string, string>; wanting?: string } {
  const say = (wanting: string) => ({ texts: {}, wanting: optional ? undefined : wanting })
  if (!content) return say(`there is no ConfigMap "${name}" in namespace ${namespace}`)
  const binary = content.binaryKeys.find((other) => key === undefined || key === other)
  if (binary !== undefined)
    return { texts: {}, wanting: `there is no text under key "${binary}" of ConfigMap "${name}", only binary data` }
  if (key === undefined) return { texts: content.data }
  const text = Object.hasOwn(content.data, key) ? content.data[key] : undefined
  return text === undefined ? say(`there is no key "${key}" in ConfigMap "${name}"`) : { texts: { [key]: text } }
}

/** A Context that the AgentRuntime has already is not told twice. */
function eachOnce(contexts: UsedContext[]): UsedContext[] {
  const told = new Set<string>()
  return contexts.filter(({ name, namespace, mountPath }) => {
    if (name === undefined) return true
    const key = `${namespace}/${name}/${mountPath ?? ''}`
    return !told.has(key) && told.add(key)
  })
}
