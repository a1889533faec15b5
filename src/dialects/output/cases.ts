import type { Output } from './output.ts'

/** What a program has printed, and what is to be read of it. */
export interface Case {
  name: string
  given: (string | object)[]
  want: Output | undefined
}

/** Lines as a pod's log has them. */
export const logOf = (given: Case['given']): string =>
  given.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
