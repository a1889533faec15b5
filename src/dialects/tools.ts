import type { Finding } from '../api/finding.ts'

/**
 * The tools of an MCP server that are allowed, `*` for all of them; undefined where nothing limits them. They are
 * written as PREFIX__TOOL; PREFIX and PREFIX__* are all.
 */
export function serverTools(prefix: string, allowedTools: string[] | undefined): string[] | undefined {
  const tools = allowedTools?.flatMap((tool) => {
    if (tool === prefix) return ['*']
    return tool.startsWith(`${prefix}__`) ? [tool.slice(prefix.length + 2)] : []
  })
  return tools?.includes('*') ? ['*'] : tools
}

/** A tool of an AgentRole that a program cannot be told to allow, so that it stays forbidden. */
export const noSuchTool = (program: string, tool: string, known: string): Finding => ({
  path: 'spec.roleRef',
  message: `the AgentRole allows ${JSON.stringify(tool)}, which ${program} cannot be told, so that it stays forbidden; what it can be told is ${known}`,
})
