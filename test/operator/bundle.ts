import { join } from 'node:path'
import { run } from '../cluster/exec.ts'
import { START } from '../image/contents.ts'
import { ROOT } from '../image/layout.ts'

/** What the image sets for the operator. */
export const IMAGE_ENV: Record<string, string> = Object.fromEntries(START.env.map((line) => line.split('=')))

/** Builds the program into a folder, as the image ships it, and gives the command that runs it. */
export async function bundle(folder: string): Promise<string[]> {
  const program = join(folder, 'agentjob')
  await run('npm', ['run', '--silent', 'build', '--', '--outfile', program], { cwd: ROOT })
  return [program]
}
