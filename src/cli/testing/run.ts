import { join } from 'node:path'

/** What a process of the command line said and how it ended. */
export interface Ended {
  stdout: string
  stderr: string
  exitCode: number
}

/** Runs `agentjob` as its users do: as a process of its own, without a cluster anywhere near. */
export async function run(
  args: string[],
  o: { stdin?: string; cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, '..', 'main.ts'), ...args], {
    stdin: new Blob([o.stdin ?? '']),
    stdout: 'pipe',
    stderr: 'pipe',
    cwd: o.cwd,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...o.env },
    timeout: 20_000,
  })
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { stdout, stderr, exitCode }
}
