import { fieldPath } from '../../src/api/finding.ts'
import { GROUP, VERSION } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { exchange } from '../../src/kube/http.ts'
import { warningsOf } from '../../src/kube/response.ts'
import type { ClusterHandle } from '../cluster/cluster.ts'
import { toJson } from './json.ts'
import type { Break } from './want.ts'

/** What the real API server, the webhook behind it, came to. */
export type ApiOutcome =
  /** Refused, and the field stands in the message. */
  | 'refused'
  /** Refused before anybody looked at fields: no JSON that it reads, or too much of it. */
  | 'unreadable'
  /** Stored (as a dry run) without what was wrong. */
  | 'pruned'
  /** Stored as it stands. */
  | 'stored'

export interface ApiAnswer {
  status: number
  body: string
  warnings: string[]
}

/** POSTs objects to the real API server as dry runs; kubectl has unknown fields refused, others are warned of them. */
export async function dryRuns({ kubeconfig }: ClusterHandle) {
  const connection = loadConnection({ kubeconfig })
  const options = await connection.requestOptions()
  return async (kind: string, json: string, unknownFields: 'Warn' | 'Strict' = 'Warn'): Promise<ApiAnswer> => {
    const answer = await exchange({
      method: 'POST',
      server: new URL(connection.server),
      path: `/apis/${GROUP}/${VERSION}/namespaces/default/${kindOf(kind)?.plural}?dryRun=All&fieldValidation=${unknownFields}`,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) },
      body: json,
      options,
      timeoutMs: 15_000,
    })
    const chunks: Buffer[] = []
    for await (const chunk of answer.chunks) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    return { status: answer.status, body, warnings: warningsOf(answer.headers) }
  }
}

/** What an answer to a broken object comes to; a sentence about what is wrong with it where that is no outcome. */
export function outcomeAt(broken: Break, { status, body }: ApiAnswer): ApiOutcome | { wrong: string } {
  const { at, value, want } = broken
  const wrong = (what: string) => ({ wrong: `the API server ${what}: HTTP ${status} ${body.slice(0, 500)}` })
  if (status >= 500) return wrong('fails')
  if (status === 201) {
    const stored = valueAt(JSON.parse(body), at)
    if ('rule' in want && want.rule === 'text') return stored === undefined ? wrong('drops it') : 'stored'
    return stored === undefined || toJson(stored) !== toJson(value) ? 'pruned' : wrong('stores it')
  }
  if ('rule' in want) return wrong('refuses it')
  const { message = '' } = JSON.parse(body) as { message?: string }
  // what is null is left out, which is then said of whatever it should have been in
  const path = value === null ? fieldPath(at.slice(0, -1)) : want.path
  if (message.includes(path)) return 'refused'
  return UNREADABLE.test(message) ? 'unreadable' : wrong(`does not name ${want.path}`)
}

/** Its own words for what it does not even decode, and ours for what is nested so deep that the path is cut. */
const UNREADABLE = /exceeded max depth|Request entity too large|cannot unmarshal number|is nested more than/

function valueAt(object: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined) return object
  if (object === null || typeof object !== 'object' || !Object.hasOwn(object, key)) return undefined
  return valueAt((object as Record<PropertyKey, unknown>)[key], rest)
}
