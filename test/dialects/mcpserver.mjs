// An MCP server on stdin and stdout with one tool, `hello`. It leaves its arguments and variables in the file $REPORT.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

writeFileSync(process.env.REPORT, JSON.stringify({ args: process.argv.slice(2), env: process.env }))

const RESULTS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'local', version: '1' },
  }),
  'tools/list': () => ({
    tools: [{ name: 'hello', description: 'Says hello.', inputSchema: { type: 'object', properties: {} } }],
  }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'said-hello' }] }),
  ping: () => ({}),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) continue
  const result = RESULTS[method]?.(params)
  const error = { code: -32601, message: 'Method not found' }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) })}\n`)
}
