import { type Finding, fieldPath } from '../api/finding.ts'
import { isFields } from '../api/isfields.ts'
import { isLabelKey, isLabelValue } from '../api/labels.ts'
import { OBJECT_META } from '../api/objectmeta.ts'
import { nearest } from '../api/unknownfields.ts'

const FIELDS = Object.keys(OBJECT_META.properties)
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** What the API server itself would refuse of an object's metadata; offline there is nobody else to say it. */
export function checkObjectMeta(metadata: unknown): Finding[] {
  if (metadata === undefined) return []
  if (!isFields(metadata)) return [{ path: 'metadata', message: 'must be an object' }]
  const findings = Object.keys(metadata)
    .filter((key) => !FIELDS.includes(key))
    .map((key): Finding => {
      const near = nearest(key, FIELDS)
      return {
        path: fieldPath(['metadata', key]),
        message: near ? `unknown field; did you mean ${near}?` : 'unknown field; labels and annotations are free',
      }
    })
  return [
    ...findings,
    ...checkName('name', metadata.name),
    ...checkName('generateName', metadata.generateName),
    ...checkNamespace(metadata.namespace),
    ...checkMap('labels', metadata.labels),
    ...checkMap('annotations', metadata.annotations),
  ]
}

const quoted = (path: string): Finding => ({ path, message: 'must be a string; put it in quotes' })

/** The characters of a name are looked at with the rest of the object. */
function checkName(field: string, name: unknown): Finding[] {
  const path = `metadata.${field}`
  if (name === undefined) return []
  if (typeof name !== 'string') return [quoted(path)]
  return name.length <= 253 ? [] : [{ path, message: `is ${name.length} characters long; at most 253 are possible` }]
}

function checkNamespace(namespace: unknown): Finding[] {
  const path = 'metadata.namespace'
  if (namespace === undefined) return []
  if (typeof namespace !== 'string') return [quoted(path)]
  if (LABEL.test(namespace) && namespace.length <= 63) return []
  return [{ path, message: 'must be at most 63 lower case letters, digits and "-", a letter or digit at both ends' }]
}

function checkMap(field: 'labels' | 'annotations', map: unknown): Finding[] {
  if (map === undefined) return []
  if (!isFields(map)) return [{ path: `metadata.${field}`, message: 'must be a map of strings' }]
  return Object.entries(map).flatMap(([key, value]): Finding[] => {
    const path = fieldPath(['metadata', field, key])
    if (!isLabelKey(field === 'labels' ? key : key.toLowerCase()))
      return [{ path, message: 'is no key; NAME or DOMAIN/NAME is, the name of 63 characters at most' }]
    if (typeof value !== 'string') return [quoted(path)]
    if (field === 'labels' && !isLabelValue(value))
      return [{ path, message: 'must be at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends' }]
    return []
  })
}
