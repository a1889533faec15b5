import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Store } from '../kube/store.ts'

/*
 * What Kubernetes tells of a run in Events alone, as far as a status needs it.
 */

/** Which Events say why a Job has no pod: a quota, a missing ServiceAccount, an admission webhook. Its status does not. */
export const FAILED_CREATE = { fieldSelector: 'reason=FailedCreate,regarding.kind=Job' }

/** Which Events say that a volume of a pod cannot be mounted, because its Secret is not there. The pod's status does not. */
export const FAILED_MOUNT = { fieldSelector: 'reason=FailedMount,regarding.kind=Pod' }

/** Index of a store, by namespace and uid of whom it is about: an Event of another namespace says nothing of it. */
export const BY_REGARDING = 'regarding'

/** An Event in the form in which it is cached. */
export interface Note extends PartialObjectMetadata {
  regarding: { namespace?: string; name?: string; uid?: string }
  note: string
  /** When it was said last; RFC 3339. */
  at: string
}

type EventObject = PartialObjectMetadata & {
  regarding?: Note['regarding']
  note?: string
  eventTime?: string | null
  series?: { lastObservedTime?: string }
  deprecatedLastTimestamp?: string
}

/** That form of an events.k8s.io/v1 Event. */
export function toNote(event: PartialObjectMetadata): Note {
  const { apiVersion, kind, metadata, regarding, note, eventTime, series, deprecatedLastTimestamp } =
    event as EventObject
  const { namespace, name, uid, resourceVersion, creationTimestamp } = metadata
  return {
    apiVersion,
    kind,
    metadata: { namespace, name, uid, resourceVersion },
    regarding: { namespace: regarding?.namespace, name: regarding?.name, uid: regarding?.uid },
    note: note ?? '',
    at: series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? creationTimestamp ?? '',
  }
}

/** Under what an Event is found. */
export const regardingKeyOf = ({ metadata, regarding }: Note): string[] => [`${metadata.namespace}/${regarding.uid}`]

/** The last that was said about an object; undefined where nothing was. */
export function lastNote(notes: Store<Note>, { metadata }: PartialObjectMetadata): string | undefined {
  const said = notes.byIndex(BY_REGARDING, `${metadata.namespace}/${metadata.uid}`)
  return said.reduce<Note | undefined>((last, note) => (last && last.at > note.at ? last : note), undefined)?.note
}
