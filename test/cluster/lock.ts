import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Does a piece of work while no other process holds the lock at `path`.
 * Waits as long as the owner lives; a lock whose owner is gone is taken over.
 */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  while (!(await acquired(path))) await sleep(200)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquired(path: string): Promise<boolean> {
  const mine = `${path}.${randomUUID()}`
  await writeFile(mine, identity(process.pid))
  try {
    await link(mine, path) // atomic, and the file is complete from the start
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    await dropStale(path, mine)
    return false
  } finally {
    await rm(mine, { force: true })
  }
}

async function dropStale(path: string, aside: string): Promise<void> {
  const owner = await readFile(path, 'utf8').catch(() => undefined)
  if (owner === undefined || identity(Number.parseInt(owner, 10)) === owner) return
  await rename(path, aside).catch(() => {})
  // Somebody else may have taken it over since it was read: give that one back.
  if ((await readFile(aside, 'utf8').catch(() => owner)) !== owner) await link(aside, path).catch(() => {})
}

/** A pid alone is reused sooner or later, a pid and its start time are not. Empty for a process that is gone. */
function identity(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return `${pid}`
  }
}
