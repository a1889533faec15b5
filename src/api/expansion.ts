/** A look-up of another object, made during an expansion. */
export interface Reference {
  kind: string
  namespace: string
  name: string
  /** Hash of the object's spec; empty where there was no such object. */
  hash: string
}

/** A right that the requester of an expansion had when he wrote the spec. */
export interface Grant {
  /** A ClusterAccess where it is left out. */
  kind?: 'ConfigMap'
  namespace: string
  name: string
  /** Set where the requester held the rights of just this content, not the verb `use`. */
  hash?: string
}

/** What kept an object from a (better) expansion. */
export interface Problem {
  reason: 'ReferenceNotFound' | 'Invalid' | 'Forbidden' | 'ForbiddenByQuota' | 'TooLarge'
  /** Field of the spec, `spec.runtimeRef` for example. */
  path: string
  message: string
}

/** An object that the controller creates as it stands here, with an owner reference added. */
export interface ChildResource {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [field: string]: unknown
}

/** What admission writes into the top-level field `expansion`; see docs/adr for why it is a field of its own. */
export interface Expansion {
  /** Hash of every input that decides what would run now; 16 hex digits. */
  configHash: string
  /** What decides whether a run starts; 8 hex digits, the suffix of the Job's name. */
  revision: string
  /** Hash of the part of the spec that decides what runs; where it changes, a run is due unless `redeploy` says never. */
  inputHash: string
  /** Hash of what the references led to when they were all there and nothing was in the way. */
  referencesHash?: string
  /** Hash of the spec that the expansion was made from. */
  specHash: string
  /** Name of the user who last changed the spec; empty where nobody knows. */
  requester: string
  /** The last rerun token that was honoured. */
  rerun?: string
  /** Version of the rendering rules. */
  renderer: number
  /** Hash of the operator's settings that stand in pods, `pods` and `images`; left out where those are the defaults. */
  settingsHash?: string
  references: Reference[]
  grants?: Grant[]
  problems: Problem[]
  /** Hash of the settings that the network policies among the children were made with; `Off`: they are asked for, and none. */
  egress?: string
  /** The children, in the order of their creation. */
  resources: ChildResource[]
  /** JWS of the operator's over the object's namespace and name and all of the above. */
  signature?: string
}
