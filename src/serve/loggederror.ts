import { ApiError, TransportError } from '../kube/errors.ts'

/** The API server's words for a right that is missing: they name who, what and where, and nothing of an object. */
const RIGHT =
  /User "[^"]*" cannot \w+ (resource|path) "[^"]*"( in API group "[^"]*")?( in the namespace "[^"]*"| at the cluster scope)?/
/** From the first quotation mark to the last: what is between them may be anybody's. */
const QUOTED = /["'`].*["'`]/s
const MAX_MESSAGE = 300

/**
 * What a log tells of an error, a shape without anything that somebody wrote into an object. A refusal of the API server
 * quotes the field that it refuses, a prompt or a variable for example: its code, reason and fields are told, and its
 * words only where a right is missing. A parser's error quotes what it could not read: not told at all. Of other errors
 * what stands in quotes is left out. Where it happened is told in every case.
 */
export function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const stack = framesOf(error)
  if (error instanceof ApiError) return { ...refusalOf(error), stack }
  // the path of a request, and what the runtime says of a connection
  if (error instanceof TransportError)
    return { type: error.name, code: error.code, message: error.message.slice(0, MAX_MESSAGE), stack }
  const { code } = error as NodeJS.ErrnoException
  const message = error instanceof SyntaxError ? undefined : error.message.replace(QUOTED, '"…"').slice(0, MAX_MESSAGE)
  return { type: error.name, code: typeof code === 'string' ? code : undefined, message, stack }
}

function refusalOf({ name, status, reason, details, causes, message }: ApiError): object {
  return {
    type: name,
    status,
    reason,
    // the plural of a kind, and the name of an object
    resource: details?.group ? `${details.kind}.${details.group}` : details?.kind,
    name: details?.name,
    fields: causes.length ? causes.map(({ field = '' }) => withoutKeys(field)) : undefined,
    message: RIGHT.exec(message)?.[0],
  }
}

/** A path without the keys of maps, which are a user's: spec.nodeSelector[…]. Those of lists are numbers. */
const withoutKeys = (field: string) => field.replace(/\[(?!\d+\]).*\]/s, '[…]').slice(0, MAX_MESSAGE)

/** The lines of a stack, without the message before them. */
const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n')
