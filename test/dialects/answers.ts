/** What the fake model does: says something, in two pieces, or first wants a tool to be used. */
export interface Script {
  says: string
  tool?: { name: string; namespace?: string; input: Record<string, unknown> | string }
}

/** The fields of a request's body that answers depend on. */
export interface Question {
  model?: string
  stream?: boolean
  /** Whether the tool that was asked for has been used. */
  hasToolResult: boolean
}

/** An answer: a stream of events, with their names on lines of their own or not. */
export interface Answer {
  named: boolean
  events: (object | string)[]
}

const wanted = ({ tool }: Script, { hasToolResult }: Question) => (hasToolResult ? undefined : tool)
const pieces = ({ says }: Script) => [says.slice(0, 2), says.slice(2)]

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function messages(script: Script, question: Question): Answer {
  const tool = wanted(script, question)
  const usage = { input_tokens: 11, cache_creation_input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 1 }
  const message = {
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model: question.model, content: [], usage },
    ...{ stop_reason: null, stop_sequence: null },
  }
  const block = tool ? { type: 'tool_use', id: 'toolu_1', name: tool.name, input: {} } : { type: 'text', text: '' }
  const deltas = tool
    ? [{ type: 'input_json_delta', partial_json: JSON.stringify(tool.input) }]
    : pieces(script).map((text) => ({ type: 'text_delta', text }))
  const stop_reason = tool ? 'tool_use' : 'end_turn'
  return {
    named: true,
    events: [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 7 } },
      { type: 'message_stop' },
    ],
  }
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export function responses(script: Script, question: Question): Answer {
  const tool = wanted(script, question)
  const content = [{ type: 'output_text', text: script.says, annotations: [] }]
  const call = { id: 'fc_1', call_id: 'call_1', status: 'completed', name: tool?.name, namespace: tool?.namespace }
  const { input } = tool ?? {}
  const item = tool
    ? typeof input === 'string'
      ? { ...call, type: 'custom_tool_call', input }
      : { ...call, type: 'function_call', arguments: JSON.stringify(input) }
    : { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }
  const usage = {
    ...{ input_tokens: 11, input_tokens_details: { cached_tokens: 5 } },
    ...{ output_tokens: 7, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 18 },
  }
  return {
    named: true,
    events: [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [item], usage } },
    ],
  }
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export function completions(script: Script, question: Question): Answer {
  const tool = wanted(script, question)
  const chunk = (delta: object, finish_reason: string | null) => ({
    ...{ id: 'c1', object: 'chat.completion.chunk', created: 1, model: question.model },
    choices: [{ index: 0, delta, finish_reason }],
  })
  const call = tool && {
    ...{ index: 0, id: 'call_1', type: 'function' },
    function: { name: tool.name, arguments: JSON.stringify(tool.input) },
  }
  const deltas = call ? [{ role: 'assistant', tool_calls: [call] }] : pieces(script).map((content) => ({ content }))
  const usage = {
    prompt_tokens: 11,
    completion_tokens: 7,
    total_tokens: 18,
    prompt_tokens_details: { cached_tokens: 5 },
  }
  return {
    named: false,
    events: [
      ...deltas.map((delta) => chunk({ role: 'assistant', ...delta }, null)),
      chunk({}, tool ? 'tool_calls' : 'stop'),
      { ...chunk({}, null), choices: [], usage },
      '[DONE]',
    ],
  }
}

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export function generateContent(script: Script, question: Question): Answer {
  const tool = wanted(script, question)
  const parts = tool
    ? [{ functionCall: { name: tool.name, args: tool.input } }]
    : pieces(script).map((text) => ({ text }))
  const usageMetadata = {
    promptTokenCount: 11,
    candidatesTokenCount: 7,
    totalTokenCount: 18,
    cachedContentTokenCount: 5,
  }
  return {
    named: false,
    events: parts.map((part, index) => {
      const isLast = index === parts.length - 1
      const candidate = {
        content: { role: 'model', parts: [part] },
        index: 0,
        ...(isLast ? { finishReason: 'STOP' } : {}),
      }
      return { candidates: [candidate], modelVersion: 'fake', ...(isLast ? { usageMetadata } : {}) }
    }),
  }
}
