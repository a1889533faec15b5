import { fieldPath } from '../../src/api/finding.ts'

/** What has to come of a bad input: a refusal of just this field, or a rule by which it does no harm. */
export type Want = Refusal | Harmless

export interface Refusal {
  path: string
  /** What the message must say of it: what would be right. */
  right: RegExp
}

export interface Harmless {
  rule: Rule
}

/** Why something is answered otherwise than by a refusal, and does no harm. */
export const RULES = {
  pruned:
    "a member that no schema knows is taken away by the API server, which tells so, before it asks us; one of an AgentJob that reaches us all the same is taken for a later version's",
  text: 'a text is data: what its field takes is passed on as it stands',
  unchanged: 'a spec that is stored already is not refused for what somebody else changes',
  notOurs: 'kinds and operations that we are not registered for are let through as they are',
  metadata: "labels, annotations, owners and the length of names are the API server's to check, after us",
  envelope: 'members of the request that decide nothing are not looked at',
  replaced: 'bytes that are no UTF-8 become U+FFFD, as at the API server',
  contentType: 'what the body is said to be is not looked at: it is JSON or refused',
  slow: 'a request may come in as slowly and in as many pieces as its sender likes',
  pipelined: 'what comes before the answer to the request before it may end the connection: the API server waits',
  nothingThere: 'only POST /mutate is served; the rest is answered 404',
  gone: 'whoever does not send a whole request gets no answer, and holds up nobody',
  notHttp: 'what is no HTTP, or HTTP that no client of ours writes, is answered 4xx or not at all',
} as const
export type Rule = keyof typeof RULES

/** A refusal of the field at a path. */
export const refusal = (path: readonly PropertyKey[], right: RegExp): Refusal => ({ path: fieldPath(path), right })

/** Something wrong with one field. */
export interface Break {
  what: string
  /** Path of the field that gets the value. */
  at: readonly PropertyKey[]
  /** undefined takes the field away. */
  value: unknown
  want: Want
}
