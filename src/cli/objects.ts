import type { z } from 'zod'
import { type Finding, shortened } from '../api/finding.ts'
import { isFields } from '../api/isfields.ts'
import { API_VERSION, GROUP, type KindDefinition, type Metadata } from '../api/kind.ts'
import { kindOf, kinds } from '../api/kinds.ts'
import { withoutNulls } from '../api/nulls.ts'
import { isRequired } from '../api/shapes.ts'
import { nearest, unknownFields } from '../api/unknownfields.ts'
import { validate } from '../api/validate.ts'
import { podTemplateErrors } from '../expand/podtemplateerrors.ts'
import type { Manifest } from './manifests.ts'
import { checkObjectMeta } from './objectmeta.ts'
import { formatPosition } from './position.ts'

/** An object of our group, looked at as admission would, alone. */
export interface CheckedObject {
  manifest: Manifest
  /** undefined where the kind is not known. */
  definition?: KindDefinition
  kind: string
  /** Of the object, else the one of --namespace. */
  namespace: string
  /** Its name; of a generateName, what stands in for one. */
  name: string
  /** As the API server would hand it to admission: with its namespace, without members that are null. */
  object: Record<string, unknown> & { metadata: Metadata }
  /** With its defaults; undefined where there are errors. */
  spec?: unknown
  errors: Finding[]
  warnings: Finding[]
}

/** The objects of our group, and what else there is. */
export interface CheckedObjects {
  objects: CheckedObject[]
  /** What contexts can be made of, by namespace and name. */
  configMaps: Map<string, object>
  /** How many objects are not ours. */
  skipped: number
}

/** Stands for the 8 characters that admission takes from the request. */
export const GENERATED_SUFFIX = 'xxxxxxxx'

/** Checks every object of our group by itself, and whether one stands twice in the files. */
export function checkObjects(manifests: Manifest[], namespace: string): CheckedObjects {
  const objects: CheckedObject[] = []
  const first = new Map<string, CheckedObject>()
  const configMaps = new Map<string, object>()
  let skipped = 0
  for (const manifest of manifests) {
    if (!isOurs(manifest.object)) {
      skipped++
      const key = keyOfConfigMap(manifest.object, namespace)
      if (key !== undefined) configMaps.set(key, manifest.object)
      continue
    }
    const checked = checkObject(manifest, namespace)
    objects.push(checked)
    if (checked.name === '' || typeof checked.object.metadata.name !== 'string') continue
    const key = `${checked.kind}/${checked.namespace}/${checked.name}`
    const other = first.get(key)
    if (!other) first.set(key, checked)
    else
      checked.errors.push({
        path: 'metadata.name',
        message: `${nameOf(checked)} stands here twice; first at ${formatPosition(other.manifest.positionOf('metadata.name'))}`,
      })
  }
  return { objects, configMaps, skipped }
}

/** `namespace/name` of a ConfigMap; undefined for anything else. */
function keyOfConfigMap({ apiVersion, kind, metadata }: Record<string, unknown>, namespace: string) {
  if (apiVersion !== 'v1' || kind !== 'ConfigMap' || !isFields(metadata)) return undefined
  return `${metadata.namespace ?? namespace}/${metadata.name}`
}

/** `AgentJob default/hello`. */
export const nameOf = ({ kind, namespace, name }: Pick<CheckedObject, 'kind' | 'namespace' | 'name'>): string =>
  `${kind} ${namespace}/${name}`

/**
 * Whether an object is meant to be one of ours: by its group, by a group like it, because it has none at all, or by its
 * kind, where it has a field of that kind's; others have a Repository, too.
 */
function isOurs({ apiVersion, kind, spec }: Record<string, unknown>): boolean {
  if (typeof apiVersion !== 'string' || apiVersion === '' || typeof kind !== 'string' || kind === '') return true
  const [group, version] = apiVersion.split('/')
  const definition = kindOf(kind)
  if (version === undefined) return definition !== undefined
  if (nearest(group as string, [GROUP]) !== undefined) return true
  return definition !== undefined && isFields(spec) && requiredBy(definition).some((field) => field in spec)
}

/** Fields that a spec of a kind must have; where there are none, all that it may have. */
function requiredBy({ spec: { shape } }: KindDefinition): string[] {
  const required = Object.keys(shape).filter((field) => isRequired(shape[field] as z.ZodType))
  return required.length ? required : Object.keys(shape)
}

function checkObject(manifest: Manifest, namespace: string): CheckedObject {
  const { kind } = manifest.object
  const definition = typeof kind === 'string' ? kindOf(kind) : undefined
  const { object, nulls } = withoutNulls(manifest.object)
  const metadata = (isFields(object.metadata) ? object.metadata : {}) as Metadata
  const placed = { ...object, metadata: { ...metadata, namespace: metadata.namespace || namespace } }
  const checked: CheckedObject = {
    manifest,
    definition,
    kind: typeof kind === 'string' ? kind : 'object',
    namespace: String(placed.metadata.namespace),
    name: String(metadata.name || (metadata.generateName ? metadata.generateName + GENERATED_SUFFIX : '')),
    object: placed,
    errors: [...typeErrors(object), ...checkObjectMeta(object.metadata)],
    warnings: nulls,
  }
  if (!definition) return checked
  const { errors, warnings, spec } = validate(definition, object)
  // a name that is no string is told of by checkObjectMeta, an apiVersion by typeErrors
  const told = new Set(checked.errors.map(({ path }) => path))
  checked.errors.push(...errors.filter(({ path }) => !told.has(path)), ...unknownFields(definition, object))
  // of a spec that is valid an expansion tells more
  if (errors.length && kind === 'AgentJob') checked.errors.push(...podTemplateErrors(object.spec))
  checked.warnings.push(...warnings)
  if (!checked.errors.length) checked.spec = spec
  return checked
}

function typeErrors({ apiVersion, kind }: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  if (apiVersion === undefined) findings.push({ path: 'apiVersion', message: `is required; it is ${API_VERSION} here` })
  else if (apiVersion !== API_VERSION && kind !== undefined)
    findings.push({ path: 'apiVersion', message: `must be ${API_VERSION}, not ${shown(apiVersion)}` })
  if (kind === undefined) findings.push({ path: 'kind', message: 'is required' })
  else if (typeof kind !== 'string' || !kindOf(kind)) {
    const known = kinds.map((definition) => definition.kind)
    const near = nearest(String(kind), known)
    const right = near ? `did you mean ${near}?` : `known here: ${known.join(', ')}`
    findings.push({ path: 'kind', message: `there is no kind ${String(kind)} in ${GROUP}; ${right}` })
  }
  return findings
}

const shown = (value: unknown) => shortened(JSON.stringify(value) ?? 'nothing')
