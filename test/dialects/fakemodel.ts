import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Answer,
  completions,
  generateContent,
  messages,
  type Question,
  responses,
  type Script,
} from './answers.ts'

/** A request that the fake model got. */
export interface Asked {
  path: string
  model?: string
  /** Names of the tools that it may use, in their order. */
  tools: string[]
  /** The whole body. */
  body: string
  headers: IncomingHttpHeaders
}

/** A model on loopback for programs that think they talk to theirs, and an MCP server beside it at /mcp. */
export interface FakeModel {
  url: string
  /** What was asked of the model. */
  asked: Asked[]
  /** What came to /mcp. */
  mcp: Asked[]
  stop(): Promise<void>
}

/** Starts one, on a port of an earlier one if need be. With `fails` every question is answered with that HTTP status. */
export async function startFakeModel(script: Script & { fails?: number }, port = 0): Promise<FakeModel> {
  const asked: Asked[] = []
  const mcp: Asked[] = []
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    const fields = parsed(body)
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const tools = (Array.isArray(fields.tools) ? fields.tools : []).flatMap(namesOf)
    const model = fields.model ?? /\/models\/([^/:]+):/.exec(path)?.[1]
    const one: Asked = { path, model, tools, body, headers: request.headers }
    if (path === '/mcp') {
      mcp.push(one)
      return answerMcp(response, request.method, fields)
    }
    const answer = ANSWERS.find(([end]) => path.endsWith(end))?.[1]
    if (request.method !== 'POST' || !answer) return json(response, 404, { error: { message: 'not found' } })
    asked.push(one)
    if (script.fails)
      return json(response, script.fails, {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'fake failure',
          code: script.fails,
          status: 'INVALID_ARGUMENT',
        },
      })
    const hasToolResult = /"tool_result"|(function|custom_tool)_call_output|"role": ?"tool"|"functionResponse"/.test(
      body,
    )
    stream(response, answer(script, { ...fields, model, hasToolResult }))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    mcp,
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

const ANSWERS: [string, (script: Script, question: Question) => Answer][] = [
  ['/messages', messages],
  ['/responses', responses],
  ['/chat/completions', completions],
  [':streamGenerateContent', generateContent],
]

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function parsed(body: string): { model?: string; tools?: unknown; method?: string; id?: unknown; params?: object } {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

interface Tool {
  type?: string
  name?: string
  function?: { name: string }
  functionDeclarations?: { name: string }[]
  tools?: Tool[]
}

/** The name of a tool in the words of any of the APIs; those of a namespace with it. */
function namesOf({ type, name, function: inner, functionDeclarations, tools }: Tool): string[] {
  if (functionDeclarations) return functionDeclarations.map((one) => one.name)
  if (type === 'namespace' && tools) return tools.flatMap(namesOf).map((one) => `${name}__${one}`)
  return [name ?? inner?.name ?? type ?? '']
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function stream(response: ServerResponse, { named, events }: Answer): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) {
    if (named) response.write(`event: ${(event as { type: string }).type}\n`)
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
  }
  response.end()
}

/** MCP's streamable HTTP transport, as much as a client needs to call the one tool, `ping`. */
function answerMcp(response: ServerResponse, method: string | undefined, fields: ReturnType<typeof parsed>): void {
  if (method !== 'POST') return void response.writeHead(405).end()
  if (fields.id === undefined) return void response.writeHead(202).end()
  const results: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-03-26',
      capabilities: { tools: {} },
      serverInfo: { name: 'remote', version: '1' },
    },
    'tools/list': {
      tools: [{ name: 'ping', description: 'Answers.', inputSchema: { type: 'object', properties: {} } }],
    },
    'tools/call': { content: [{ type: 'text', text: 'pong' }] },
    ping: {},
  }
  const result = results[fields.method ?? '']
  const error = { code: -32601, message: 'Method not found' }
  json(response, 200, { jsonrpc: '2.0', id: fields.id, ...(result ? { result } : { error }) })
}
