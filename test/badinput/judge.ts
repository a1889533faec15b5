import type { BadWire } from './badwires.ts'
import type { Outcome } from './requests.ts'
import { responseOf } from './review.ts'
import type { Refusal, Want } from './want.ts'
import type { Heard, WireAnswer } from './wire.ts'

/** What is wrong with the answer to a review, or undefined. */
export function wrongWith(want: Want, { status, body }: WireAnswer): string | undefined {
  if (status !== 200) return `HTTP ${status}: ${body.slice(0, 300)}`
  const response = responseOf(body)
  if (!response) return `no AdmissionReview: ${body.slice(0, 300)}`
  if (response.status?.code === 500) return `a bug: ${response.status.message}`
  if (body.length > 400_000) return `an answer of ${body.length} bytes`
  if ('rule' in want && want.rule === 'pruned' && isLeftToLater(response.status?.details?.causes)) return undefined
  if ('rule' in want) return response.allowed ? undefined : `refused: ${response.status?.message.slice(0, 300)}`
  if (response.allowed) return 'allowed'
  const { message = '', details } = response.status ?? {}
  return wrongWithRefusal(want, details?.causes ?? []) ?? (message === '' ? 'no message' : undefined)
}

interface Cause {
  field: string
  message: string
}

/** Whether nothing is wrong but that fields are not known. */
const isLeftToLater = (causes: Cause[] = []) =>
  causes.length > 0 && causes.every(({ message }) => message.startsWith('is a field of a later version of agentjob'))

/** The refusal has to name just this field and say what would be right; it may add what follows from it around there. */
function wrongWithRefusal({ path, right }: Refusal, causes: Cause[]): string | undefined {
  const shown = causes
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ')
    .slice(0, 500)
  if (!causes.some((cause) => isAt(path, cause.field) && right.test(cause.message)))
    return `does not say ${path}: ${right}, but ${shown}`
  const stranger = causes.find(({ field }) => !field.startsWith(path) && !path.startsWith(field))
  return stranger && !stranger.field.endsWith('…') ? `says something of another field: ${shown}` : undefined
}

/** Whether a field is the one at a path; of what is nested without end only the beginning is told. */
function isAt(path: string, field: string): boolean {
  if (!field.endsWith('…')) return field === path
  const beginning = field.slice(0, -1)
  return path.startsWith(beginning) || beginning.startsWith(path)
}

/** What is wrong with what came back over a connection, or undefined. */
export function wrongWithWire({ right, answers, mayClose }: BadWire, heard: Heard): string | undefined {
  const shown = `${heard.answers.length} of ${answers} answers${heard.closed ? ', closed' : ''}: ${JSON.stringify(heard).slice(0, 300)}`
  if (heard.answers.length < answers && !(mayClose && heard.closed)) return shown
  return heard.answers.some((answer, index) => !isRight(answer, right[index] ?? right.at(-1) ?? [])) ? shown : undefined
}

function isRight({ status, body }: WireAnswer, right: Outcome[]): boolean {
  const response = status === 200 ? responseOf(body) : undefined
  const is = response ? (response.allowed ? 'allowed' : 'refused') : status
  return right.includes(is) && response?.status?.code !== 500
}
