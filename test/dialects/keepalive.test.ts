import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keptAlive } from '../../src/dialects/keepalive.ts'
import { expanded } from './container.ts'

/* The shell that stays after a program, run by the shells that there are; the programs are shells, too. */

setDefaultTimeout(30_000)

const SHELLS = ['dash', 'bash', 'busybox'].filter((shell) => spawnSync(shell, ['-c', ':']).error === undefined)
const line = (shell: string) =>
  ({ dash: ['dash'], bash: ['bash', '--posix'], busybox: ['busybox', 'sh'] })[shell] as string[]

/** Longer than any test takes. */
const LONG = 600

interface Running {
  child: ChildProcess
  stdout(): string
  stderr(): string
  /** Waits for a text on either. */
  says(text: string): Promise<void>
  ended: Promise<number | null>
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-keepalive-'))
  // a second of theirs is a hundredth
  const sleep = `#!/bin/sh\nexec /bin/sleep "$(awk "BEGIN {print $1 / 100}")"\n`
  await writeFile(join(folder, 'sleep'), sleep, { mode: 0o755 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Given {
  timeout?: number
  keep?: number
  env?: Record<string, string>
  command?: string[]
}

function start(shell: string, script: string, { timeout = LONG * 100, keep = LONG * 100, env, command }: Given = {}) {
  const program = { command: command ?? ['sh', '-c', script, 'agent'], args: ['a b', '', '$(HOME)'] }
  const { command: words, args } = keptAlive(program, { timeout, keep })
  const [file, ...rest] = [...line(shell), ...words.slice(1), ...args].map((word) => expanded(word, {})) as [
    string,
    ...string[],
  ]
  const child = spawn(file, rest, {
    env: { PATH: `${folder}:${process.env.PATH}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const running: Running = {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (text) => until(() => (stdout + stderr).includes(text)),
    ended: new Promise((resolve) => child.on('exit', resolve)),
  }
  return running
}

const STAYS = 'its container stays'
const SLEEPS = '/bin/sleep 100 & wait $!'

for (const shell of SHELLS)
  describe.concurrent(shell, () => {
    for (const code of [0, 3, 127])
      test(`ends with the exit code of its program, ${code}, and not before its time`, async () => {
        const begin = Date.now()
        const { ended, says, stdout, stderr } = start(shell, `printf '<%s>' "$@"; exit ${code}`, { keep: 100 })
        await says(STAYS)
        expect(await ended).toBe(code)
        expect(Date.now() - begin).toBeGreaterThan(990)
        expect(stdout()).toBe('<a b><><$(HOME)>')
        expect(stderr()).toBe(`agentjob: the agent ended with exit code ${code}; its container stays for 100 s\n`)
      })

    test('SIGTERM while it stays ends it at once, with the exit code of its program', async () => {
      for (const code of [0, 5]) {
        const { child, ended, says } = start(shell, `exit ${code}`)
        await says(STAYS)
        child.kill('SIGTERM')
        expect(await ended).toBe(code)
      }
    })

    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      test(`${signal} before reaches the program as SIGTERM, however long that takes, and nothing stays`, async () => {
        const { child, ended, says, stdout, stderr } = start(
          shell,
          `trap 'echo told; /bin/sleep 0.5; echo done; exit 7' TERM; echo up; ${SLEEPS}`,
        )
        await says('up')
        child.kill(signal)
        await says('told')
        child.kill(signal)
        expect(await ended).toBe(7)
        expect(stdout()).toEndWith('done\n')
        expect(stderr()).not.toContain(STAYS)
      })

    test('a program that does not know SIGTERM ends by it', async () => {
      const { child, ended, says } = start(shell, `echo up; exec /bin/sleep 100`)
      await says('up')
      child.kill('SIGTERM')
      expect(await ended).toBe(143)
    })

    test('a program whose time is over gets SIGTERM; what stays is for the deadline of the pod to end', async () => {
      const { child, ended, says, stderr } = start(shell, `trap 'exit 143' TERM; ${SLEEPS}`, { timeout: 50, keep: 10 })
      await says(STAYS)
      expect(stderr()).toContain('was ended after 50 s, with exit code 143')
      const first = await Promise.race([ended, Bun.sleep(500)])
      expect(first).toBeUndefined()
      child.kill('SIGTERM')
      expect(await ended).toBe(143)
    })

    test('one that ends well then has not ended well', async () => {
      const { child, ended, says } = start(shell, `trap 'exit 0' TERM; ${SLEEPS}`, { timeout: 50 })
      await says('was ended after 50 s, with exit code 0')
      child.kill('SIGTERM')
      expect(await ended).toBe(124)
    })

    test('one that does not heed SIGTERM gets SIGKILL', async () => {
      const { child, ended, says, stderr } = start(shell, `trap '' TERM; echo up; while :; do /bin/sleep 0.05; done`, {
        timeout: 50,
      })
      await says(STAYS)
      expect(stderr()).toContain('with exit code 137')
      child.kill('SIGTERM')
      expect(await ended).toBe(137)
    })

    test('a program that is not there ends as a shell says it', async () => {
      const { ended, stderr } = start(shell, '', { command: ['no-such-program'], keep: 10 })
      expect(await ended).toBe(127)
      expect(stderr()).toContain('no-such-program')
    })

    test('runs programs, not words of the shell', async () => {
      const { ended, stdout } = start(shell, '', { command: ['printf', '%s|'], keep: 10 })
      expect([await ended, stdout()]).toEqual([0, 'a b||$(HOME)|'])
      const unknown = start(shell, '', { command: ['return'], keep: 10 })
      expect(await unknown.ended).toBe(127)
    })

    test('leaves the environment as it is', async () => {
      const env = { limit: '1', keep: '2', code: '3', agent: '4', IFS: 'x', PS1: '' }
      const names = Object.keys(env)
      const { ended, stdout } = start(shell, names.map((name) => `echo "$${name}"`).join('; '), { keep: 10, env })
      expect(await ended).toBe(0)
      expect(stdout().split('\n')[1]).toBe('2')
      expect(stdout()).toStartWith('1\n2\n3\n4\n')
    })

    test('nothing of its own stays behind', async () => {
      const { child, ended, says, stdout } = start(shell, 'exit 0')
      await says(STAYS)
      // the one that it sleeps by
      await until(() => descendants(child.pid as number).length === 1)
      const [nap] = descendants(child.pid as number)
      child.kill('SIGTERM')
      await ended
      await until(() => !isThere(nap as number))
      expect(stdout()).toBe('')
    })
  })

/** Waits until something holds, whatever else the machine does; the test's own time is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(10)
}

/** Processes below one. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const children = stdout.split('\n').filter(Boolean).map(Number)
  return [...children, ...children.flatMap(descendants)]
}

/** Whether a process runs; nobody may be there to collect one that has ended. */
const isThere = (pid: number) =>
  /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', String(pid)], { encoding: 'utf8' }).stdout)
