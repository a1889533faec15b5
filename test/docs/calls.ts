import type { Page } from './markdown.ts'

/** A call of `agentjob` that a page shows. */
export interface Call {
  /** The first word behind `agentjob`: a command, or of a code span anything else. */
  command: string
  /** Names of the options, with their dashes. */
  options: string[]
}

const CALL = /(?:^|[$|&(] ?|kubectl )agentjob ([a-z][a-z-]*)([^|&;#]*)/g

/** Calls in the console blocks of a page; what stands behind its prompts. */
export const shownIn = ({ blocks }: Page): Call[] =>
  blocks.flatMap(({ text }) =>
    text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .flatMap(callsOf),
  )

/** What its code spans begin with. */
export const saidIn = ({ text }: Page): Call[] =>
  [...text.matchAll(/`(agentjob [^`\n]+)`/g)].flatMap(([, span = '']) => callsOf(span))

// what is in quotes is a text; behind -- stands a command of somebody else's
const callsOf = (line: string): Call[] =>
  [...line.replace(/"[^"]*"|'[^']*'/g, '').matchAll(CALL)].map(([, command = '', rest = '']) => ({
    command,
    options: [...(rest.split(' -- ')[0] ?? '').matchAll(/(?<=\s)--?[a-zA-Z][\w-]*/g)].map(([option]) => option),
  }))
