import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Progress } from '../cluster/progress.ts'

/** Path of helm: $HELM, or what the PATH has. Rejects where there is none. */
export async function helm(_progress: Progress): Promise<string> {
  const program = process.env.HELM ?? 'helm'
  await promisify(execFile)(program, ['version'])
  return program
}
