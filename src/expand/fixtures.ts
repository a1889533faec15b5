import { AgentJobSpec } from '../api/agentjob.ts'
import type { ExpandInput, Lookup, NamedAgentJob } from './input.ts'
import type { Quota } from './quotas.ts'
import { referenced, referencedConfigMap } from './referenced.ts'
import { everyGrant, type Resolved, resolve } from './references.ts'
import { Settings } from './settings.ts'

/** Objects for the tests of this folder, short enough to be read beside what is expected of them. */

/** The AgentJob agents/hello with this spec, defaults filled in. */
export const agentJob = (spec: object = {}, annotations?: Record<string, string>): NamedAgentJob => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentJob',
  metadata: { name: 'hello', namespace: 'agents', ...(annotations ? { annotations } : {}) },
  spec: AgentJobSpec.parse({ prompt: 'Say hello.', runtimeRef: 'echo', ...spec }),
})

/** The specs of objects, and ConfigMaps, under `KIND/name`, or `KIND/namespace/name` where it is not the namespace agents. */
export type Objects = Record<string, object | undefined>

const ECHO = { 'AgentRuntime/echo': { image: 'echo' } }

/** A look-up over these objects and an AgentRuntime echo. */
export function lookupOf(objects: Objects = {}): Lookup {
  const found = new Map(
    Object.entries({ ...ECHO, ...objects }).map(([key, spec]) => {
      const [kind, ...rest] = key.split('/') as [string, ...string[]]
      const at = rest.length > 1 ? rest.join('/') : `agents/${rest[0]}`
      if (spec === undefined) return [`${kind}/${at}`, undefined]
      return [`${kind}/${at}`, kind === 'ConfigMap' ? referencedConfigMap(spec) : referenced(kind as string, spec)]
    }),
  )
  return (kind, namespace, name) => found.get(`${kind}/${namespace}/${name}`)
}

/** The AgentQuotas among these objects; one of a spec that is not valid among them. */
export const quotasOf = (objects: Objects): Quota[] =>
  Object.entries(objects).flatMap(([key, spec]) => {
    const [kind, name] = key.split('/') as [string, string]
    if (kind !== 'AgentQuota') return []
    const found = referenced(kind, spec)
    return [{ name, spec: found?.spec as Quota['spec'], hash: found?.hash ?? '' }]
  })

export const SETTINGS = Settings.parse({})
export const WITH_LIBRARY = Settings.parse({ libraryNamespace: 'library' })

/** What an AgentJob with this spec refers to among these objects. */
export const resolvedFor = (spec: object, objects: Objects = {}, settings = SETTINGS): Resolved =>
  resolve(
    agentJob(spec).spec,
    'agents',
    lookupOf(objects),
    settings,
    everyGrant(agentJob(spec).spec, 'agents', settings),
  )

/** An expansion's input: the spec has just been written by alice, who may use every ClusterAccess and ConfigMap. */
export function inputFor(spec: object, objects: Objects = {}, more: Partial<ExpandInput> = {}): ExpandInput {
  const job = agentJob(spec)
  return {
    job,
    specChanged: true,
    requester: 'alice',
    grants: everyGrant(job.spec, 'agents', SETTINGS),
    lookup: lookupOf(objects),
    quotas: quotasOf(objects),
    settings: SETTINGS,
    ...more,
  }
}
