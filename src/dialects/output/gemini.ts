import { countAt, fieldsAt, jsonLines, textAt } from './lines.ts'
import { type Output, told } from './output.ts'

/** Gemini CLI's `stream-json`: the answer comes in pieces, and what was said before a tool was used is no part of it. */
export function readGemini(tail: string): Output | undefined {
  let [result, sessionId, isError, error]: [string?, string?, boolean?, string?] = []
  let stats = {}
  for (const line of jsonLines(tail)) {
    if (line.type === 'init') sessionId = textAt(line, 'session_id')
    else if (line.type === 'tool_use') result = undefined
    else if (line.type === 'message' && line.role === 'assistant')
      result = (result ?? '') + (textAt(line, 'content') ?? '')
    else if (line.type === 'result') {
      stats = fieldsAt(line, 'stats')
      isError = line.status === 'error'
      error = isError ? textAt(fieldsAt(line, 'error'), 'message') : undefined
    }
  }
  const usage = told({
    // of input_tokens those from the cache are a part, of input they are not
    inputTokens: countAt(stats, 'input'),
    outputTokens: countAt(stats, 'output_tokens'),
    cacheReadTokens: countAt(stats, 'cached'),
  })
  return told({ result, sessionId, isError, error, usage })
}
