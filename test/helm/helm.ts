import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Path of helm: $HELM, or what the PATH has. Rejects where there is none. */
export async function helm(): Promise<string> {
  const program = process.env.HELM ?? 'helm'
  await promisify(execFile)(program, ['version'])
  return program
}
