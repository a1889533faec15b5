import { canonicalJson } from '../api/hash.ts'
import type { Dialect } from './dialect.ts'
import { GO_ON, instructionsOf } from './instructions.ts'
import { readClaudeCode } from './output/claudecode.ts'
import { plainOutput } from './start.ts'
import { serverName } from './stdio.ts'
import type { McpServer, NamedValue, RenderedFile, Task } from './task.ts'

/**
 * Claude Code, 2.1: `claude -p`. Everything that is a user's is in files, because arguments are limited in size.
 * https://code.claude.com/docs/en/headless, /cli-reference, /settings, /mcp, /env-vars, /sessions
 */
export const claudeCode: Dialect = {
  name: 'claude-code',
  render(task) {
    const { allowedTools, mcpServers, paths } = task
    const instructions = instructionsOf(task)
    const files: RenderedFile[] = []
    const add = (name: string, text: string) => {
      files.push({ path: `${paths.files}/${name}`, text })
      return `${paths.files}/${name}`
    }
    const args = ['-p', '--output-format', 'stream-json', '--verbose']
    const stdin = add('prompt.md', task.prompt)
    if (instructions !== undefined) args.push('--append-system-prompt-file', add('instructions.md', instructions))
    args.push('--settings', add('settings.json', settings(task)))
    if (mcpServers.length) args.push('--mcp-config', add('mcp.json', mcpConfig(mcpServers)))
    if (allowedTools) args.push('--permission-mode', 'dontAsk', '--tools', ...builtIns(allowedTools))
    else args.push('--dangerously-skip-permissions')
    // last, because a list of values ends at the next flag, and what follows is the AgentRuntime's
    args.push('--strict-mcp-config')
    // the newest session of the folder that it works in
    const resumed = () => ({
      folder: `${paths.home}/.claude`,
      session: { files: 'projects/*/*.jsonl', holds: '"type":"user"' },
      args: ['--continue', ...args],
      stdin: add('continue.md', GO_ON),
    })
    return {
      start: { program: 'claude', args, stdin, resumed: task.resumes ? resumed() : undefined },
      env: [...plainOutput(paths.tmp), { name: 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', value: '1' }],
      files,
      skills: `${paths.home}/.claude/skills`,
      errors: [],
      warnings: [],
    }
  },
  readOutput: readClaudeCode,
}

const settings = ({ model, allowedTools }: Task) =>
  canonicalJson({ model, permissions: allowedTools && { defaultMode: 'dontAsk', allow: allowedTools } })

/** The tools of its own that exist at all; some of them would otherwise work without being allowed. */
function builtIns(allowedTools: string[]): string[] {
  const names = allowedTools.map((tool) => tool.replace(/\(.*/s, '')).filter((name) => /^[A-Za-z]\w*$/.test(name))
  const own = names.filter((name) => !name.startsWith('mcp__'))
  return own.length ? [...new Set(own)] : ['']
}

const mcpConfig = (servers: McpServer[]) =>
  canonicalJson({
    mcpServers: Object.fromEntries(
      servers.map(({ name, command, args = [], env, url, headers }) => [
        serverName(name),
        command === undefined
          ? { type: 'http', url: literal(url ?? ''), headers: values(headers) }
          : { type: 'stdio', command: literal(command), args: args.map(literal), env: values(env) },
      ]),
    ),
  })

const values = (list: NamedValue[] = []) =>
  Object.fromEntries(list.map((item) => [item.name, 'value' in item ? literal(item.value) : `\${${item.variable}:-}`]))

/** It puts variables in the place of `${…}`, once and everywhere: a dollar that is meant is the default of one that is not there. */
const literal = (text: string) => text.replaceAll('${', '${AGENTJOB_DOLLAR:-$}{')
