import { join } from 'node:path'
import type { Paths, Task } from '../../src/dialects/task.ts'

/** Everything that means something to a shell, to JSON, TOML, YAML or to a template. */
export const NASTY = [
  'Say "pong". $HOME ${HOME} $(id) $$(id) `id` \'\'\' """ {{ x }} {% raw %} {# c #} {env:HOME} {file:/etc/passwd}',
  '- a: [b] # c & d | e > f < g; \\ \\n \\u0041 %s !important *',
  '\ttabs, é, 日本, 🐙',
  '--dangerously --flags',
].join('\n')

/** What stands in the Secrets of the task; the text of a shell, of JSON, and of a template. */
export const SECRETS = {
  MCP_GIT_HUB_GITHUB_TOKEN: 'a"b\\c${HOME} {env:HOME} d',
  MCP_REMOTE_AUTHORIZATION: 'Bearer e"f\\g{h',
}

/** A task with everything, and tools in the words of the program. */
export const everything = (paths: Paths, url: string, allowedTools?: string[]): Task => ({
  name: 'everything',
  namespace: 'agents',
  prompt: NASTY,
  instructions: `Be brief. ${NASTY}`,
  model: 'claude-sonnet-4-5',
  allowedTools,
  mcpServers: [
    {
      name: 'git.hub',
      command: 'node',
      args: [join(import.meta.dirname, 'mcpserver.mjs'), '$HOME ${HOME} {env:HOME} "q"'],
      env: [
        { name: 'REPORT', value: join(paths.home, 'report.json') },
        { name: 'PLAIN', value: 'x {env:HOME} {file:/etc/passwd} "q" é' },
        { name: 'GITHUB_TOKEN', variable: 'MCP_GIT_HUB_GITHUB_TOKEN' },
      ],
    },
    {
      name: 'remote',
      url: `${url}/mcp`,
      headers: [
        { name: 'X-Team', value: 'web {env:HOME}' },
        { name: 'Authorization', variable: 'MCP_REMOTE_AUTHORIZATION' },
      ],
    },
  ],
  skills: [],
  repositories: [
    { name: 'site', host: 'github.com', owner: 'acme', repo: 'site', tokenEnv: 'REPOSITORY_SITE_TOKEN' },
    { name: 'docs', host: 'git.example.com', owner: 'acme', repo: 'docs' },
  ],
  paths,
})
