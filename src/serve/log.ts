import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from '../expand/settings.ts'
import { loggedError } from './loggederror.ts'

/**
 * The operator's log: a line of JSON for each event, on stdout unless said. Errors are to be given as `err`, and lose
 * there what they quote.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: loggedError },
  }
  return destination ? pino(options, destination) : pino(options)
}
