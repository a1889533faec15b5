import type { Fields } from '../../api/isfields.ts'
import { countAt, decimal, fieldsAt, jsonLines, textAt } from './lines.ts'
import { type Output, told, type Usage } from './output.ts'

/**
 * opencode's `--format json`. There is no summary: steps are added up, so that of a text that is cut at its front the
 * sums are those of what is left. A run ends well where its last step stopped by itself.
 */
export function readOpencode(tail: string): Output | undefined {
  let [result, sessionId, isError, error]: [string?, string?, boolean?, string?] = []
  const steps: Fields[] = []
  for (const line of jsonLines(tail)) {
    const part = fieldsAt(line, 'part')
    if (textAt(line, 'sessionID') === undefined) continue
    sessionId = textAt(line, 'sessionID')
    if (line.type === 'tool_use') result = undefined
    else if (line.type === 'text') result = (result ?? '') + (textAt(part, 'text') ?? '')
    else if (line.type === 'step_finish') {
      steps.push(part)
      isError = part.reason !== 'stop'
    } else if (line.type === 'error') {
      const failure = fieldsAt(line, 'error')
      isError = true
      error = textAt(fieldsAt(failure, 'data'), 'message') ?? textAt(failure, 'name')
    }
  }
  return told({ result, sessionId, isError, error, usage: steps.length ? usageOf(steps) : undefined })
}

function usageOf(steps: Fields[]): Usage {
  const sum = (count: (part: Fields) => number | undefined) =>
    steps.reduce((total, part) => total + (count(part) ?? 0), 0)
  const tokens = (part: Fields) => fieldsAt(part, 'tokens')
  const cost = sum(({ cost }) => (typeof cost === 'number' ? cost : undefined))
  return {
    inputTokens: sum((part) => countAt(tokens(part), 'input')),
    outputTokens: sum((part) => countAt(tokens(part), 'output')),
    cacheReadTokens: sum((part) => countAt(fieldsAt(tokens(part), 'cache'), 'read')),
    cacheWriteTokens: sum((part) => countAt(fieldsAt(tokens(part), 'cache'), 'write')),
    costUSD: decimal(cost),
    turns: steps.length,
  }
}
