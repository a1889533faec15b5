import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ChildResource, Expansion } from '../src/api/expansion.ts'
import { kindOf } from '../src/api/kinds.ts'
import type { Log } from '../src/kube/log.ts'
import { admit } from './admit.ts'
import type { AgentJobDeps } from './agentjob.ts'
import { type AdmissionRequest, answer, type Decision, NO_REVIEW, parseReview } from './review.ts'

/** object and oldObject of at most some 1.5 MB each, JSON escapes included. */
const MAX_BODY = 8 * 1024 * 1024

/** The one path under which admission is asked. */
export const MUTATE = '/mutate'

/** What the webhook reports of itself, under the names that dashboards of other controllers know. */
export interface WebhookMetrics {
  /**
   * One answered admission request; `code` is the status of the decision, 200 where it was allowed. What is no request
   * has `other` for kind and operation.
   */
  admitted(kind: string, operation: string, code: number, seconds: number): void
}

/** Where traces go. */
export interface AdmissionTraces {
  /** The admission of an AgentJob whose expansion names a Job, and another one than before; `startedAt` in milliseconds since 1970. */
  admitted(o: {
    namespace: string
    name?: string
    revision?: string
    job: string
    operation: string
    startedAt: number
  }): void
}

/** What the HTTP surface needs. */
export interface AppDeps extends AgentJobDeps {
  metrics?: WebhookMetrics
  traces?: AdmissionTraces
  log: Log
}

/**
 * The webhook: `POST /mutate`. Admission is always answered with HTTP 200 and an
 * AdmissionReview, also for a refusal and for a bug of ours, so that the user reads the reason.
 *
 * @example
 * const app = createApp(deps)
 * await app.request('/mutate', { method: 'POST', body: JSON.stringify(review) })
 */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  const tooLarge: Decision = {
    allowed: false,
    code: 413,
    errors: [{ path: '', message: `the request is larger than ${MAX_BODY} bytes` }],
  }
  const onError = (c: Context) => {
    deps.metrics?.admitted('other', 'other', 413, 0)
    return c.json(answer('', tooLarge))
  }
  app.post(MUTATE, bodyLimit({ maxSize: MAX_BODY, onError }), async (c) => {
    let body: unknown
    try {
      body = await c.req.json()
    } catch {
      body = undefined
    }
    return c.json(await reviewed(body, deps))
  })
  // nothing throws but the reading of a body that its sender broke off, and he will not read this
  app.onError((_, c) => c.json(answer('', unreadable(NO_REVIEW))))
  return app
}

const unreadable = (message: string): Decision => ({ allowed: false, code: 400, errors: [{ path: '', message }] })

async function reviewed(body: unknown, deps: AppDeps): Promise<object> {
  const request = parseReview(body)
  if (typeof request === 'string') {
    const uid = (body as { request?: { uid?: unknown } } | undefined)?.request?.uid
    deps.metrics?.admitted('other', 'other', 400, 0)
    return answer(typeof uid === 'string' ? uid : '', unreadable(request))
  }
  const started = performance.now()
  const identity = identityOf(request)
  const decision = await admit(request, deps).catch((err: unknown): Decision => {
    deps.log.error({ ...identity, err }, 'admission failed')
    return {
      allowed: false,
      code: 500,
      errors: [{ path: '', message: 'agentjob could not decide on this request; its log says why' }],
    }
  })
  const code = decision.allowed ? 200 : decision.code
  const seconds = (performance.now() - started) / 1000
  deps.metrics?.admitted(identity.kind, identity.operation, code, seconds)
  const expansion = expansionOf(decision)
  const { revision } = expansion ?? {}
  deps.log.debug({ ...identity, revision, code, seconds }, 'admission answered')
  const job = jobOf(expansion)
  if (deps.traces && job && !request.dryRun && jobOf(expansionIn(request.oldObject))?.name !== job.name) {
    const startedAt = Date.now() - seconds * 1000
    const [namespace, name] = [request.namespace ?? '', nameGiven(decision) ?? identity.name]
    deps.traces.admitted({ ...identity, namespace, name, revision, job: job.name, startedAt })
  }
  return answer(request.uid, decision, request)
}

/** Which object a request is about. Whoever reaches us can name any kind, and metrics would remember all of them. */
function identityOf({ uid, kind, operation, namespace, object }: AdmissionRequest) {
  const { name, generateName } = (object as { metadata?: Record<string, unknown> } | undefined)?.metadata ?? {}
  const called = typeof name === 'string' && name !== '' ? name : generateName
  return {
    kind: kindOf(kind.kind)?.kind ?? 'other',
    operation,
    namespace: short(namespace),
    name: short(called),
    uid: short(uid),
  }
}

/** Nothing has checked yet whether a name is one. */
const short = (text: unknown) => (typeof text === 'string' ? text.slice(0, 253) : undefined)

/** The expansion that a decision writes, if it does. */
const expansionOf = (decision: Decision) => patched(decision, '/expansion') as Expansion | undefined

/** The name that a decision gives, where there was none. */
const nameGiven = (decision: Decision) => patched(decision, '/metadata/name') as string | undefined

function patched(decision: Decision, at: string): unknown {
  const patch = decision.allowed ? decision.patch : undefined
  return patch?.find(({ path }) => path === at)?.value
}

/** The one that an object came with: nobody has looked yet whether it is one. */
const expansionIn = (object: unknown) =>
  (object as { expansion?: Partial<Expansion> | null } | null | undefined)?.expansion

/** The Job of an expansion: what names the same one is rendered or signed anew, and no run comes of it. */
const jobOf = (expansion: Partial<Expansion> | null | undefined) =>
  Array.isArray(expansion?.resources)
    ? (expansion.resources as (Partial<ChildResource> | null)[]).find((child) => child?.kind === 'Job')?.metadata
    : undefined
