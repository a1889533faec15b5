import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './exec.ts'
import { locked } from './lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentjob-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('locked', () => {
  test('lets one process in at a time', async () => {
    const program = `
      import { locked } from '${join(import.meta.dirname, 'lock.ts')}'
      import { readFileSync, writeFileSync } from 'node:fs'
      const file = '${join(folder, 'count')}'
      await locked('${join(folder, 'lock')}', async () => {
        const count = Number(readFileSync(file, 'utf8'))
        await new Promise((resolve) => setTimeout(resolve, 50))
        writeFileSync(file, String(count + 1))
      })`
    writeFileSync(join(folder, 'count'), '0')
    writeFileSync(join(folder, 'count.ts'), program)
    await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [join(folder, 'count.ts')], { timeout: 20_000 })))
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('4')
  }, 30_000)

  test.each([
    { name: 'a process that is gone', owner: '4194304 1' },
    { name: 'a process whose pid another one has by now', owner: `${process.pid} 1` },
  ])('takes over the lock of $name', async ({ owner }) => {
    const lock = join(folder, 'stale')
    writeFileSync(lock, owner)
    expect(await locked(lock, async () => 'done')).toBe('done')
    expect(existsSync(lock)).toBe(false)
  })

  test('is free again after an error', async () => {
    const lock = join(folder, 'failing')
    await expect(locked(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await locked(lock, async () => 'done')).toBe('done')
  })
})
