import type { Query } from './transport.ts'

/** Which objects: of one namespace or all, narrowed by selectors in kubectl's syntax. */
export interface Selection {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

/** Which objects to list, and how. */
export interface ListOptions extends Selection {
  /** Objects a page, 500 unless said; all pages are fetched. */
  limit?: number
  /** When pages outlive the server's history, goes on with what is there now: later pages are newer than earlier ones. */
  goOn?: boolean
  signal?: AbortSignal
}

/** Which objects to watch, from where, for how long. */
export interface WatchOptions extends Selection {
  /** Go on after this one. */
  resourceVersion: string
  /** After which the server ends it. */
  timeoutSeconds?: number
  /** Without a byte. */
  idleTimeoutMs?: number
  signal?: AbortSignal
}

/** Options of everything that writes. */
export interface WriteOptions {
  /** Run admission and validation, store nothing. */
  dryRun?: boolean
  fieldManager?: string
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** Called with each Warning header's text. */
  onWarning?: (text: string) => void
  signal?: AbortSignal
  timeoutMs?: number
}

/** The same for verbs that also reach subresources, such as `status`. */
export interface SubresourceOptions extends WriteOptions {
  subresource?: string
}

/** Of server-side apply: fields are owned by managers. */
export interface ApplyOptions extends SubresourceOptions {
  fieldManager: string
  /** Take over fields that another manager owns; without it they make a conflict. */
  force?: boolean
}

/** What to delete along, and on what condition. */
export interface DeleteOptions {
  /** Delete only this very object; another one of that name makes a conflict. */
  uid?: string
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  gracePeriodSeconds?: number
  dryRun?: boolean
  signal?: AbortSignal
}

/** A JSON Patch operation (RFC 6902). */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  path: string
  from?: string
  value?: unknown
}

/** Selectors as query parameters. */
export const selectionQuery = ({ labelSelector, fieldSelector }: Selection): Query => ({ labelSelector, fieldSelector })

/** Options of a write as query parameters. */
export const writeQuery = ({ dryRun, fieldManager, fieldValidation }: WriteOptions): Query => ({
  dryRun: dryRun ? 'All' : undefined,
  fieldManager,
  fieldValidation,
})
