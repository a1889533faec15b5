import { stripVTControlCharacters } from 'node:util'
import { withoutUser } from '../api/withoutuser.ts'
import { shortened } from './shortened.ts'

/** How many lines of the end of a log a status keeps, and how many characters: of each, and of all. */
export const LOG_TAIL_LINES = 20
const MAX_LINE = 512
const MAX_TAIL = 2048
/** How much of a line is looked at: most of it may be colours. */
const MAX_RAW_LINE = 4096

/**
 * The last lines of a log, as a status keeps them: plain text, without empty lines, long ones cut. Of a line that was
 * written over, what a terminal would show; of addresses, no user. Undefined where nothing is left.
 */
export function logTailOf(log: string): string | undefined {
  const lines: string[] = []
  let room = MAX_TAIL
  for (const line of log.split('\n').reverse()) {
    const text = shortened(plain(line), MAX_LINE)
    if (text === '') continue
    if (text.length > room || lines.length === LOG_TAIL_LINES) break
    lines.unshift(text)
    room -= text.length + 1
  }
  return lines.length ? lines.join('\n') : undefined
}

function plain(line: string): string {
  const last = line.split('\r').findLast((text) => text !== '') ?? ''
  const text = withoutUser(stripVTControlCharacters(shortened(last, MAX_RAW_LINE)))
  return text
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]|(?!\u200d)\p{Cf}/gu, '')
    .trimEnd()
}
