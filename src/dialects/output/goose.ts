import { isFields } from '../../api/isfields.ts'
import { amountAt, countAt, fieldsAt, jsonLines, less, listAt, textAt } from './lines.ts'
import { type Output, told } from './output.ts'

/**
 * Goose's `stream-json`: messages, perhaps in pieces, then what they took or an error. Its input tokens have those of
 * the cache in them; a session has the name that it was started with, and is not told of here.
 */
export function readGoose(tail: string): Output | undefined {
  let [result, isError, error]: [string?, boolean?, string?] = []
  let end = {}
  for (const line of jsonLines(tail)) {
    const message = fieldsAt(line, 'message')
    if (line.type === 'message')
      for (const item of listAt(message, 'content').filter(isFields)) {
        if (item.type === 'toolRequest' || item.type === 'toolResponse') result = undefined
        else if (item.type === 'text' && message.role === 'assistant')
          result = (result ?? '') + (textAt(item, 'text') ?? '')
      }
    else if (line.type === 'complete') [end, isError] = [line, isError ?? false]
    else if (line.type === 'error') [error, isError] = [textAt(line, 'error'), true]
  }
  const cacheReadTokens = countAt(end, 'cache_read_input_tokens')
  const cacheWriteTokens = countAt(end, 'cache_write_input_tokens')
  const usage = told({
    inputTokens: less(countAt(end, 'input_tokens'), cacheReadTokens, cacheWriteTokens),
    outputTokens: countAt(end, 'output_tokens'),
    cacheReadTokens,
    cacheWriteTokens,
    costUSD: amountAt(end, 'cost_usd'),
  })
  return told({ result, isError, error, usage })
}
