/** What a process of `agentjob` ends with; `agentjob --help` shows this table. */
export const EXIT = {
  ok: 0,
  /** The answer is no: not valid, a run that failed, a request that the API server refused. */
  failed: 1,
  /** The command line is not one that we know. */
  usage: 2,
  /** --timeout was over first. */
  timeout: 3,
  /** There is no such object, or no log any more. */
  notFound: 4,
  /** The API server gave no answer, or nothing says where it is. */
  unreachable: 5,
  /** Something has no counterpart, and the report says what. */
  notCarried: 6,
} as const

const MEANINGS: Record<number, string> = {
  0: 'done',
  1: 'no: not valid, the run failed, or the API server refused;\nof diff, something would change',
  2: 'a command line that cannot be understood;\nof convert and diff, manifests that cannot be read, or a refusal',
  3: '--timeout was over first',
  4: 'there is no such object, or its log is gone',
  5: 'the API server cannot be reached',
  6: 'something is not carried over; the report says what',
}

/** The exit codes as --help shows them: all of them, or those of one command. */
export const exitCodesHelp = (codes: number[] = Object.values(EXIT)): string =>
  ['Exit codes:', ...codes.map((code) => `  ${code}  ${MEANINGS[code]?.replace('\n', '\n     ')}`)].join('\n')

/** Ends the command: what to tell the user, a line each, never a stack trace; and the exit code. */
export class Failure extends Error {
  override name = 'Failure'
  lines: string[]
  exitCode: number

  constructor(lines: string | string[], exitCode: number = EXIT.failed) {
    super([lines].flat().join('\n'))
    this.lines = [lines].flat()
    this.exitCode = exitCode
  }
}
