/** What an agent is told to do, and what it will be found to have done. */
export interface Prompt {
  /** How long it runs. */
  ms: number
  exitCode: number
  /** Its last word. */
  result: string
}

/** As the prompt of an AgentJob. */
export const promptText = ({ ms, exitCode, result }: Prompt): string => `run ${ms} exit ${exitCode} say ${result}`

/** Reads it again; undefined for any other text. */
export function parsePrompt(text: string): Prompt | undefined {
  const [, ms, exitCode, result] = /^run (\d+) exit (\d+) say (\S+)$/.exec(text) ?? []
  return result === undefined ? undefined : { ms: Number(ms), exitCode: Number(exitCode), result }
}
