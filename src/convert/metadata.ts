import type { Fields } from '../api/isfields.ts'
import { API_VERSION } from '../api/kind.ts'
import type { Fates } from './fates.ts'
import { defined, members, type Reader } from './reader.ts'

const NO_PART = 'no part of a manifest'
/** What is said of a status. */
export const OF_CONTROLLER = `is written by a controller, and ${NO_PART}`

/** What the API server writes. */
const OF_SERVER = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]

/** What every object has. */
export const METADATA: Fates = {
  apiVersion: { to: 'apiVersion' },
  kind: { to: 'kind' },
  'metadata.name': { to: 'metadata.name' },
  'metadata.generateName': { to: 'metadata.generateName' },
  'metadata.namespace': { to: 'metadata.namespace' },
  'metadata.labels': { to: 'metadata.labels', sometimes: 'those of the operator that it comes from are left out' },
  'metadata.annotations': {
    to: 'metadata.annotations',
    sometimes: 'those of the operator that it comes from are left out, and what kubectl applied last',
  },
  'metadata.finalizers': { left: 'belongs to the operator that the object comes from; nothing here would remove it' },
  'metadata.ownerReferences': {
    dropped:
      'names an object by its uid, which may be another one soon; delete this object yourself when its time comes',
  },
  ...Object.fromEntries(OF_SERVER.map((field) => [`metadata.${field}`, { left: NO_PART }])),
}

/** What is said of the labels and annotations that the operator of a peer reads or writes. */
export interface OwnKeys {
  /** Whether a key is one of them. */
  isOwn(key: string): boolean
  /** Those that ask for something; why it is not carried over, and what to do instead. */
  asks: Record<string, string>
}

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object of ours that has the name, the labels and the annotations of a foreign one. */
export function ours(kind: string, object: Reader, spec: Fields | undefined, own: OwnKeys): Fields {
  object.take('apiVersion')
  object.take('kind')
  const metadata = object.inside('metadata')
  const written = OF_SERVER.filter((field) => metadata?.take(field) !== undefined)
  if (written.length) metadata?.note('', `${written.join(', ')}: written by the API server, and ${NO_PART}`)
  return object.made({
    apiVersion: API_VERSION,
    kind,
    metadata: defined({
      ...members(metadata, ['name', 'generateName', 'namespace']),
      labels: kept(metadata?.inside('labels'), own),
      annotations: kept(metadata?.inside('annotations'), own),
    }),
    ...(spec && { spec }),
  })
}

function kept(map: Reader | undefined, { isOwn, asks }: OwnKeys): Fields | undefined {
  const entries = (map?.keys() ?? []).flatMap((key): [string, unknown][] => {
    if (key === APPLIED) map?.leave(key, 'is what kubectl applied last; it writes it anew')
    else if (Object.hasOwn(asks, key)) map?.drop(key, asks[key] as string)
    else if (isOwn(key)) map?.leave(key, 'is of use to the operator that the object comes from, and to nobody here')
    else return [[key, map?.take(key)]]
    return []
  })
  return entries.length ? Object.fromEntries(entries) : undefined
}
