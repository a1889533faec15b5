import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Store } from '../kube/store.ts'
import type { CachedJob } from './caches.ts'

/** Which Events say why a Job has no pod: a quota, a missing ServiceAccount, an admission webhook. Its status does not. */
export const FAILED_CREATE = { fieldSelector: 'reason=FailedCreate,regarding.kind=Job' }

/** Index of the store, by the Job's namespace and uid: an Event of another namespace says nothing of it. */
export const BY_JOB = 'job'

/** An Event that a Job could not create a pod, as far as a status needs it. */
export interface FailedCreate extends PartialObjectMetadata {
  regarding: { namespace?: string; name?: string; uid?: string }
  note: string
  /** When it was said last; RFC 3339. */
  at: string
}

type EventObject = PartialObjectMetadata & {
  regarding?: FailedCreate['regarding']
  note?: string
  eventTime?: string | null
  series?: { lastObservedTime?: string }
  deprecatedLastTimestamp?: string
}

/** An events.k8s.io/v1 Event in the form in which it is cached. */
export function toFailedCreate(event: PartialObjectMetadata): FailedCreate {
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
export const jobKeyOf = ({ metadata, regarding }: FailedCreate): string[] => [`${metadata.namespace}/${regarding.uid}`]

/** The last that was said about a Job's pods; undefined where nothing was. */
export function lastNote(events: Store<FailedCreate>, { metadata }: CachedJob): string | undefined {
  const said = events.byIndex(BY_JOB, `${metadata.namespace}/${metadata.uid}`)
  return said.reduce<FailedCreate | undefined>((last, event) => (last && last.at > event.at ? last : event), undefined)
    ?.note
}
