import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const MARKER = 'the-secret-of-a-user'

/** A process that logs as the operator does, and fails like that. */
function failing(how: string) {
  const script = `
    const { createLog } = await import('${join(import.meta.dirname, 'log.ts')}')
    const { endWhenUncaught } = await import('${join(import.meta.dirname, 'uncaught.ts')}')
    const { ApiError } = await import('${join(import.meta.dirname, '..', 'kube', 'errors.ts')}')
    endWhenUncaught(createLog('info'))
    const error = new ApiError(422, { reason: 'Invalid', message: 'Invalid value: "${MARKER}"' })
    ${how}
    await new Promise((resolve) => setTimeout(resolve, 5000))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

for (const [name, how] of [
  ['a promise that nobody waits for', 'void Promise.reject(error)'],
  ['a callback that throws', 'setTimeout(() => { throw error })'],
] as const)
  test(`${name} ends the process with one line that quotes nothing`, () => {
    const { status, stdout, stderr } = failing(how)
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ level: 50, err: { status: 422, reason: 'Invalid' } })
    expect(stderr).toBe('')
    expect(stdout).not.toContain(MARKER)
  })
