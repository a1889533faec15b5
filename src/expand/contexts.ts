import { Buffer } from 'node:buffer'
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
  /** A Context that an object in `namespace` names, or undefined; the miss is told already. */
  find(name: string, namespace: string, user: UsedContext['user']): Found<ContextSpec> | undefined
  configMap(namespace: string, name: string): ConfigMapContent | undefined
  /** Whether whoever wrote the spec was allowed to tell of a ConfigMap. */
  mayTell(namespace: string, name: string): boolean
}

/** The contexts of an AgentJob, and what keeps them from it. */
export interface UsedContexts {
  contexts: UsedContext[]
  missing: Finding[]
  forbidden: Finding[]
  oversize?: Finding
}

/** The most that texts of contexts take together, in bytes: what an AgentJob can hold in all. */
const MAX_TEXT_BYTES = 1024 * 1024

/** The contexts of an AgentJob, those of its AgentRuntime first. */
export function usedContexts(
  spec: Pick<AgentJobSpec, 'contexts' | 'runtimeRef'>,
  namespace: string,
  runtime: Found<AgentRuntimeSpec> | undefined,
  finder: ContextFinder,
): UsedContexts {
  const result: UsedContexts = { contexts: [], missing: [], forbidden: [] }
  let bytes = 0
  for (const one of usesOf(spec, namespace, runtime)) {
    const used = contextOf(one, finder)
    if (!used || isTold(used, result.contexts)) continue
    const { configMap } = used.source
    if (!configMap) result.contexts.push(used)
    // who wrote a Context or an AgentRuntime vouches for what it names
    else if (one.isOwn && used.name === undefined && !finder.mayTell(namespace, configMap.name))
      result.forbidden.push({ path: used.user.path, message: notEntitled(configMap.name) })
    else {
      const { texts, wanting } = textsOf(configMap, finder.configMap(used.namespace, configMap.name), used.namespace)
      if (wanting) result.missing.push({ path: used.user.path, message: `${used.user.says}${wanting}` })
      bytes += Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      // before anything is rendered: somebody may name the largest ConfigMap many times
      if (bytes > MAX_TEXT_BYTES) result.oversize ??= { path: used.user.path, message: `${used.user.says}${tooMuch}` }
      result.contexts.push({ ...used, texts: result.oversize ? {} : texts })
    }
  }
  return result
}

const tooMuch = `the texts of contexts take more than ${MAX_TEXT_BYTES} bytes together, which is more than an AgentJob can hold`
const notEntitled = (name: string) =>
  `whoever last changed the spec was not entitled to tell of ConfigMap "${name}"; somebody with the verb get on it must change the spec`

function usesOf(
  spec: Pick<AgentJobSpec, 'contexts' | 'runtimeRef'>,
  namespace: string,
  runtime: Found<AgentRuntimeSpec> | undefined,
): Use[] {
  const ofRuntime = (runtime?.spec.contexts ?? []).map((use, index) => ({
    ...{ use, isOwn: false, namespace: runtime?.namespace as string },
    user: { path: 'spec.runtimeRef', says: `contexts[${index}] of AgentRuntime "${spec.runtimeRef}": ` },
  }))
  const own = (spec.contexts ?? []).map((use, index) => ({
    ...{ use, isOwn: true, namespace },
    user: { path: `spec.contexts[${index}]`, says: '' },
  }))
  return [...ofRuntime, ...own]
}

interface Use {
  use: ContextUse
  /** Of the object that it stands in. */
  namespace: string
  isOwn: boolean
  user: UsedContext['user']
}

function contextOf({ use, namespace, user }: Use, finder: ContextFinder): UsedContext | undefined {
  const { mountPath, fileMode } = use
  const source = inlineContext(use)
  if (source) return { namespace, source, mountPath, fileMode, user }
  const found = finder.find(use.name as string, namespace, user)
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
const isTold = ({ name, namespace, mountPath }: UsedContext, others: UsedContext[]): boolean =>
  name !== undefined &&
  others.some((other) => other.name === name && other.namespace === namespace && other.mountPath === mountPath)
