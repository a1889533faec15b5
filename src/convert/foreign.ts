import type { Fields } from '../api/isfields.ts'
import type { Fates } from './fates.ts'
import type { Reader } from './reader.ts'

/** A kind of somebody else's, and how an object of it becomes ours. */
export interface ForeignKind {
  kind: string
  /** Which of our kinds it becomes; left out where it becomes none. */
  becomes?: string
  fates: Fates
  /** The objects of ours that stand for a foreign one; none where it was dropped or is part of others. */
  make(reader: Reader, around: Around): Fields[]
}

/** A system whose manifests are taken over. */
export interface Peer {
  name: string
  groups: string[]
  versions: string[]
  /** What others refer to first. */
  kinds: ForeignKind[]
}

/** A foreign object with what it is looked up by. */
export interface Named {
  kind: string
  namespace: string
  name: string
  object: Fields
}

/** What is known of the input when an object of it is converted. */
export interface Around {
  /** Namespace of the object itself. */
  namespace: string
  /** API group of the object itself. */
  group: string
  /** An object of the same peer. */
  find(kind: string, namespace: string, name: string): Fields | undefined
  /** All objects of a kind of the same peer. */
  all(kind: string): Named[]
}
