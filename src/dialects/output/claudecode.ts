import { amountAt, countAt, fieldsAt, jsonLines, listAt, textAt } from './lines.ts'
import { type Output, told } from './output.ts'

/** Claude Code's `stream-json` or `json`: the last line is the result. Whether it is an error, `is_error` says, not `subtype`. */
export function readClaudeCode(tail: string): Output | undefined {
  const lines = jsonLines(tail).filter((line) => textAt(line, 'session_id') !== undefined)
  const sessionId = lines.map((line) => textAt(line, 'session_id')).at(-1)
  const end = lines.filter((line) => line.type === 'result').at(-1)
  if (!end) return told({ sessionId })
  const isError = end.is_error === true
  const text = textAt(end, 'result')
  const errors = listAt(end, 'errors').filter((item) => typeof item === 'string')
  const usage = fieldsAt(end, 'usage')
  return told({
    result: isError ? undefined : text,
    sessionId,
    isError,
    error: isError ? (text ?? (errors.join('; ') || textAt(end, 'subtype'))) : undefined,
    usage: told({
      inputTokens: countAt(usage, 'input_tokens'),
      outputTokens: countAt(usage, 'output_tokens'),
      cacheReadTokens: countAt(usage, 'cache_read_input_tokens'),
      cacheWriteTokens: countAt(usage, 'cache_creation_input_tokens'),
      costUSD: amountAt(end, 'total_cost_usd'),
      turns: countAt(end, 'num_turns'),
    }),
  })
}
