import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Of cgroups v1, and v2. */
const ROOTS = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup']
const NAME = 'agentjob-test'

/**
 * Puts this process, and all that it starts, into one cgroup. The containers of the node have one together; without this
 * each process beside them would get as much of a busy machine as all of them, and pods would starve. Does nothing where
 * that cannot be done: on another system, or without root.
 */
export async function keepToOneShare(): Promise<void> {
  for (const root of ROOTS)
    try {
      const folder = join(root, NAME)
      await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
      await writeFile(join(folder, 'cgroup.procs'), `${process.pid}`)
      return
    } catch {}
}
