import { fieldPath } from '../../api/finding.ts'
import { type Fields, hasShape, isFields, isLabel, type Refuse } from './shape.ts'

/** What the volumes of Pod Security "restricted" may be. */
const TYPES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/** What a projected volume may hold. Not serviceAccountToken, and not podCertificate: the API server takes both. */
const SOURCES = ['clusterTrustBundle', 'configMap', 'downwardAPI', 'secret']

/** Adds volumes to a pod's own; `given` may be anything. */
export function mergeVolumes(rendered: Fields[], given: unknown, path: string, refuse: Refuse): Fields[] {
  const volumes = [...rendered]
  // of another shape it is refused by whoever walks the fields of the pod's spec
  if (!Array.isArray(given)) return volumes
  for (const [index, volume] of given.entries()) {
    const at = fieldPath([index], path)
    if (!isFields(volume) || !isLabel(volume.name, `${at}.name`, refuse)) continue
    if (volumes.some(({ name }) => name === volume.name))
      refuse(`${at}.name`, `is taken; there is a volume ${volume.name} already`)
    refuseBadType(volume, at, refuse)
    volumes.push(volume)
  }
  return volumes
}

function refuseBadType({ name: _, ...source }: Fields, path: string, refuse: Refuse): void {
  const types = Object.keys(source)
  const bad = types.find((type) => !TYPES.includes(type))
  const [type] = types
  if (bad !== undefined) refuse(fieldPath([bad], path), `cannot be set; allowed here: ${TYPES.join(', ')}`)
  else if (type === undefined || types.length > 1) refuse(path, `must have exactly one of ${TYPES.join(', ')}`)
  else if (hasShape(source[type], 'map', `${path}.${type}`, refuse) && type === 'projected')
    refuseBadSources(source[type] as Fields, `${path}.projected`, refuse)
}

function refuseBadSources({ sources }: Fields, path: string, refuse: Refuse): void {
  if (!hasShape(sources, 'list', `${path}.sources`, refuse)) return
  for (const [index, source] of (sources as Fields[]).entries())
    for (const kind of Object.keys(source))
      if (!SOURCES.includes(kind))
        refuse(
          fieldPath(['sources', index, kind], path),
          `cannot be set; allowed here: ${SOURCES.join(', ')} (spec.clusterAccessRef gives the pod an API token)`,
        )
}

/** Refuses mounts of volumes that are not there, and two of them in one place; `own` are the container's already. */
export function refuseBadMounts(
  mounts: Fields[],
  own: Fields[],
  volumes: Fields[],
  path: string,
  refuse: Refuse,
): void {
  const taken = new Set(own.map(({ mountPath }) => mountPath))
  for (const [index, { name, mountPath }] of mounts.entries()) {
    const at = fieldPath([index], path)
    if (!volumes.some((volume) => volume.name === name))
      refuse(`${at}.name`, `must be a volume of the pod, such as tmp`)
    if (!hasShape(mountPath, 'text', `${at}.mountPath`, refuse)) continue
    if (taken.has(mountPath)) refuse(`${at}.mountPath`, 'is taken; a volume is mounted there already')
    taken.add(mountPath)
  }
}
