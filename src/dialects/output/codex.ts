import { countAt, fieldsAt, jsonLines, less, textAt } from './lines.ts'
import { type Output, told } from './output.ts'

/**
 * Codex's `--json`. Only `turn.failed` is a failure: lines and items of type error are told of what it gets over. Its
 * input tokens have those from the cache in them; neither cost nor turns are told.
 */
export function readCodex(tail: string): Output | undefined {
  const lines = jsonLines(tail)
  const last = (type: string) => lines.filter((line) => line.type === type).at(-1)
  const started = last('thread.started')
  const end = lines.filter(({ type }) => type === 'turn.completed' || type === 'turn.failed').at(-1)
  const messages = lines
    .filter(({ type }) => type === 'item.completed')
    .map((line) => fieldsAt(line, 'item'))
    .filter(({ type }) => type === 'agent_message')
  const usage = fieldsAt(end ?? {}, 'usage')
  const cacheReadTokens = countAt(usage, 'cached_input_tokens')
  const isError = end && end.type === 'turn.failed'
  return told({
    result: textAt(messages.at(-1) ?? {}, 'text'),
    sessionId: textAt(started ?? {}, 'thread_id'),
    isError,
    error: isError ? textAt(fieldsAt(end, 'error'), 'message') : undefined,
    usage: told({
      inputTokens: less(countAt(usage, 'input_tokens'), cacheReadTokens),
      outputTokens: countAt(usage, 'output_tokens'),
      cacheReadTokens,
      cacheWriteTokens: countAt(usage, 'cache_write_input_tokens'),
    }),
  })
}
