import type { AgentJobSpec } from '../api/agentjob.ts'
import type { AgentQuotaSpec } from '../api/agentquota.ts'
import type { Expansion } from '../api/expansion.ts'
import type { Finding } from '../api/finding.ts'
import { expand } from '../expand/expand.ts'
import type { Lookup, NamedAgentJob } from '../expand/input.ts'
import type { Quota } from '../expand/quotas.ts'
import { referenced, referencedConfigMap } from '../expand/referenced.ts'
import { everyGrant } from '../expand/references.ts'
import type { Settings } from '../expand/settings.ts'
import { missingFromFiles } from './missing.ts'
import type { CheckedObject, CheckedObjects } from './objects.ts'

/** An AgentJob as admission would expand it at CREATE. */
export interface OfflineExpansion {
  checked: CheckedObject
  expansion: Expansion
  /** References that are not among the files. */
  missing: Finding[]
  /** What admission would refuse. */
  errors: Finding[]
  warnings: Finding[]
}

/**
 * Expands every valid AgentJob among the objects, its references looked up among them, too. Whoever creates the objects
 * counts as entitled to every ClusterAccess and ConfigMap: who that will be is not known here.
 */
export function expandObjects({ objects, configMaps }: CheckedObjects, settings: Settings): OfflineExpansion[] {
  const lookup = lookupAmong(objects, configMaps)
  return objects
    .filter(({ kind, spec }) => kind === 'AgentJob' && spec !== undefined)
    .map((checked) => expandOne(checked, lookup, objects, settings))
}

/** The valid objects by kind, namespace and name, as an expansion looks at them. */
function lookupAmong(objects: CheckedObject[], configMaps: CheckedObjects['configMaps']): Lookup {
  const valid = new Map<string, CheckedObject>()
  for (const checked of objects)
    if (checked.spec !== undefined) valid.set(`${checked.kind}/${checked.namespace}/${checked.name}`, checked)
  return (kind, namespace, name) => {
    const configMap = kind === 'ConfigMap' ? configMaps.get(`${namespace}/${name}`) : undefined
    if (configMap) return referencedConfigMap(configMap)
    const found = valid.get(`${kind}/${namespace}/${name}`)
    return found && referenced(kind, found.spec)
  }
}

/** The valid AgentQuotas of a namespace; of the others it is told that they are not. */
const quotasAmong = (objects: CheckedObject[], at: string): Quota[] =>
  objects.flatMap(({ kind, namespace, name, spec }) => {
    const found = kind === 'AgentQuota' && namespace === at ? referenced(kind, spec) : undefined
    return found ? [{ name, spec: found.spec as AgentQuotaSpec, hash: found.hash }] : []
  })

function expandOne(
  checked: CheckedObject,
  lookup: Lookup,
  objects: CheckedObject[],
  settings: Settings,
): OfflineExpansion {
  const { namespace, name, object } = checked
  const spec = checked.spec as AgentJobSpec
  const job = { ...object, metadata: { ...object.metadata, namespace, name }, spec } as unknown as NamedAgentJob
  const grants = everyGrant(spec, namespace, settings)
  const { expansion, errors, warnings } = expand({
    ...{ job, specChanged: true, requester: '', grants, lookup, settings },
    quotas: quotasAmong(objects, namespace),
  })
  const told = (findings: Finding[]) => missingFromFiles(findings, checked, objects, settings)
  return {
    checked,
    expansion,
    missing: told(expansion.problems.filter(({ reason }) => reason === 'ReferenceNotFound')),
    errors: told(errors),
    warnings: told(warnings),
  }
}
