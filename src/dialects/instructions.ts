import type { Repository, Task } from './task.ts'

/** The standing instructions of a task, the repositories below them; undefined where there is neither. */
export function instructionsOf({ instructions, repositories }: Task): string | undefined {
  if (!repositories.length) return instructions || undefined
  return [instructions?.trimEnd(), repositoryList(repositories)].filter(Boolean).join('\n\n')
}

/** The repositories that an agent is to work on, a line each. */
export const repositoryList = (repositories: Repository[]): string =>
  ['Repositories:', ...repositories.map(line)].join('\n')

const line = ({ host, owner, repo, tokenEnv }: Repository) =>
  `- ${owner}/${repo} on ${host}${tokenEnv ? `, token in the environment variable ${tokenEnv}` : ''}`

/** What a program is told when it goes on with a session, in which the prompt stands already. */
export const GO_ON =
  'The last attempt at this task was cut short. Go on where it stopped: look at what is done already, and finish the task.\n'
