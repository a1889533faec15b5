import type { Task } from '../../src/dialects/task.ts'
import type { Server } from './standins/standins.mjs'

/**
 * What a program ought to have understood of a task's texts, whatever is in them: the same for all of them. The values
 * of Secrets are taken from `secrets`.
 */
export const understood = ({ prompt, instructions, model, mcpServers, repositories }: Task, secrets: Secrets) => ({
  prompt,
  instructions: [
    ...(instructions === undefined ? [] : [instructions]),
    ...(repositories.length ? [`Repositories:\n${repositories.map(lineOf).join('\n')}`] : []),
  ].join('\n\n'),
  model,
  servers: mcpServers.map(({ command, args = [], env = [], url, headers = [] }) => {
    const values = (list: typeof env) =>
      Object.fromEntries(list.map((one) => [one.name, 'value' in one ? one.value : (secrets[one.variable] ?? '')]))
    return command === undefined ? { url, headers: values(headers) } : { command, args, env: values(env) }
  }),
})

type Secrets = Record<string, string>

const lineOf = ({ owner, repo, host, tokenEnv }: Task['repositories'][number]) =>
  `- ${owner}/${repo} on ${host}${tokenEnv ? `, token in the environment variable ${tokenEnv}` : ''}`

/** A server as its own process would see it: without the shell that gives variables their names. */
export function unwrapped(server: Server, inherited: Secrets): Omit<Server, 'tools'> {
  const { command, args = [], env = {}, url, headers } = server
  if (command === undefined) return { url, headers }
  if (command !== 'sh' || args[0] !== '-c') return { command, args, env }
  const end = args.indexOf('--', 3)
  const names = args.slice(3, end)
  const variables = { ...env }
  for (let index = 0; index < names.length; index += 2) {
    const [name, variable] = names.slice(index, index + 2) as [string, string]
    variables[name] = env[variable] ?? inherited[variable] ?? ''
    delete variables[variable]
  }
  return { command: args[end + 1], args: args.slice(end + 2), env: variables }
}
