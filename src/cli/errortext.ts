import { ApiError, TransportError } from '../kube/errors.ts'
import { EXIT, Failure } from './exit.ts'

/** What the user is told of an error, line by line, and the exit code. Only what can be nothing but a bug of ours shows its stack. */
export function errorText(error: unknown): { lines: string[]; exitCode: number } {
  if (error instanceof Failure) return { lines: error.lines, exitCode: error.exitCode }
  if (error instanceof ApiError) return { lines: [refusal(error)], exitCode: codeOf(error) }
  if (error instanceof TransportError)
    return { lines: [`the API server cannot be reached: ${error.message}`], exitCode: EXIT.unreachable }
  if (!(error instanceof Error)) return { lines: [String(error)], exitCode: EXIT.failed }
  const ours = error.constructor !== Error && !('code' in error) && error.name !== 'AbortError'
  const text = ours ? `this is a bug in agentjob: ${error.stack ?? error.message}` : error.message
  return { lines: [text], exitCode: EXIT.failed }
}

const codeOf = ({ status }: ApiError) => (status === 404 ? EXIT.notFound : EXIT.failed)

function refusal({ status, reason, message }: ApiError): string {
  if (status === 401)
    return `the API server does not know you (${reason || status}): ${message}; check the credentials of your kubeconfig`
  return reason ? `the API server says no (${reason}): ${message}` : message
}
