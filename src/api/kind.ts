import type { z } from 'zod'
import type { Findings } from './finding.ts'

/** The API group of every kind here. */
export const GROUP = 'agentjob.io'
/** The one version served and stored. */
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** A column of `kubectl get`; `priority: 1` shows it with `-o wide` only. */
export interface PrinterColumn {
  name: string
  type: 'string' | 'integer' | 'boolean' | 'date'
  jsonPath: string
  priority?: 0 | 1
  description?: string
}

/**
 * One custom resource: everything that the CRD, the validation, the reference page and the path through admission need
 * to know of it. All kinds are namespaced and of category `agents`.
 */
export interface KindDefinition {
  kind: string
  plural: string
  singular: string
  shortNames: string[]
  /** One or two sentences for `kubectl explain` and the reference page. */
  description: string
  spec: z.ZodObject
  /** With a status comes the status subresource. */
  status?: z.ZodObject
  /** Whether admission writes a top-level `expansion` into objects of this kind. */
  expands?: boolean
  columns: PrinterColumn[]
  /** The smallest spec that makes sense, for the reference page. */
  example: Record<string, unknown>
  /** Rules that a schema cannot say. The spec may be of any shape: that is the schema's business. */
  rules?(metadata: Metadata, spec: Record<string, unknown>): Findings
}

/** metadata as far as the pure rooms read it. */
export interface Metadata {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
}

/** An object of a kind, as the API server sends it. */
export interface Resource<Spec, Status = never> {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec: Spec
  status?: Status
}
