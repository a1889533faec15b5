import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentRuntimeSpec } from '../../src/api/agentruntime.ts'
import { withOutputs } from '../../src/expand/outputs.ts'
import type { Pod } from '../../src/status/observed.ts'
import { outputsIn } from '../../src/status/outputs.ts'
import { type Container, expanded, makeContainer } from './container.ts'

/* What reads the files of an agent, run by the shells that there are, and read as a status reads it. */

const SHELLS = ['dash', 'bash', 'busybox'].filter((shell) => spawnSync(shell, ['-c', ':']).error === undefined)
const line = (shell: string) =>
  ({ dash: ['dash'], bash: ['bash', '--posix'], busybox: ['busybox', 'sh'] })[shell] as string[]
const MESSAGE = '/dev/termination-log'

let container: Container
beforeEach(async () => {
  container = await makeContainer()
})
afterEach(() => container.remove())

/** As a kubelet does: starts it, sends it a signal, and takes of the file what it keeps of a container. */
async function collect(
  shell: string,
  outputs: { name: string; path: string; default?: string }[],
  { signal = 'SIGTERM', containers = 1 }: { signal?: NodeJS.Signals; containers?: number } = {},
) {
  const { workspaceDir, tmp } = container.paths
  const runtime = AgentRuntimeSpec.parse({ image: 'x', workspaceDir, outputs })
  const agents = Array.from({ length: containers }, (_, n) => ({ name: `c${n}`, image: 'x', volumeMounts: [] }))
  const plain = { metadata: { labels: {}, annotations: {} }, spec: { containers: agents, volumes: [] } }
  const [{ command, args }] = withOutputs(plain, runtime).spec.initContainers as [{ command: string[]; args: string[] }]
  const message = join(tmp, 'message')
  const words = [...command.slice(1), ...args].map((word) => expanded(word, {}).replaceAll(MESSAGE, message))
  const [file, ...rest] = [...line(shell), ...words] as [string, ...string[]]
  const child = spawn(file, rest, {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', left: 'x', name: 'x' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  // its trap is there when it sleeps
  while (!spawnSync('ps', ['-o', 'comm=', '--ppid', String(child.pid)]).stdout.includes('sleep')) await Bun.sleep(5)
  child.kill(signal)
  const code = await ended
  const bytes = await readFile(message)
  const kept = Buffer.from(bytes.subarray(-4096))
    .subarray(0, Math.floor(12288 / (containers + 1)))
    .toString()
  const pod = {
    status: { initContainerStatuses: [{ name: 'outputs', state: { terminated: { exitCode: 0, message: kept } } }] },
  }
  return { code, size: bytes.length, stderr, outputs: outputsIn(pod as Pod) }
}

const write = (name: string, content: string | Buffer) => writeFile(join(container.paths.workspaceDir, name), content)
const named = (...names: string[]) => names.map((name) => ({ name, path: name }))

for (const shell of SHELLS)
  describe.serial(shell, () => {
    test('files, wherever in the workspace, without the newlines at their ends', async () => {
      await write('a', 'one\ntwo\n\n')
      await write('b', '$(HOME) `id` %s \\n \'x\' "y" -n')
      await write('-n', '-e x')
      await write('empty', '')
      await symlink(join(container.paths.workspaceDir, 'a'), join(container.paths.workspaceDir, 'link'))
      const outputs = [...named('a', 'b', 'empty', 'link'), { name: 'dash', path: '-n' }]
      const told = await collect(shell, [...outputs, { name: 'abs', path: join(container.paths.workspaceDir, 'a') }])
      expect(told).toMatchObject({ code: 0, stderr: '' })
      expect(told.outputs).toEqual({
        a: 'one\ntwo',
        b: '$(HOME) `id` %s \\n \'x\' "y" -n',
        empty: '',
        link: 'one\ntwo',
        dash: '-e x',
        abs: 'one\ntwo',
      })
    })

    test('in the place of what is no file, its default; without one nothing', async () => {
      spawnSync('mkfifo', [join(container.paths.workspaceDir, 'pipe')])
      await symlink('/dev/zero', join(container.paths.workspaceDir, 'device'))
      await mkdir(join(container.paths.workspaceDir, 'folder'))
      await symlink('nowhere', join(container.paths.workspaceDir, 'broken'))
      const outputs = named('none', 'pipe', 'device', 'broken', 'folder').flatMap(({ name, path }) => [
        { name, path },
        { name: `${name}-or`, path, default: ` =$(x) ${name}` },
      ])
      const told = await collect(shell, [...outputs, { name: 'nothing', path: 'none', default: '' }])
      expect(told.outputs).toEqual({
        'none-or': ' =$(x) none',
        'pipe-or': ' =$(x) pipe',
        'device-or': ' =$(x) device',
        'broken-or': ' =$(x) broken',
        'folder-or': ' =$(x) folder',
        nothing: '',
      })
      expect(told.stderr).toContain(`output none: there is no file ${container.paths.workspaceDir}/none\n`)
    })

    test('bytes that are no text', async () => {
      await write('binary', Buffer.from([0x61, 0, 0xff, 0x62]))
      await write('fake', 'x\0another\nvalue\0')
      const { outputs } = await collect(shell, named('binary', 'fake'))
      expect(outputs).toEqual({ binary: 'a\ufffdb', fake: 'xanother\nvalue' })
    })

    test('each has its share and what those before it leave; what is longer is cut, and ends with …', async () => {
      await write('long', 'ä'.repeat(5000))
      await write('short', 'x')
      const told = await collect(shell, named('short', 'long'))
      expect(told.size).toBeGreaterThan(4080)
      expect(told.size).toBeLessThanOrEqual(4096)
      expect(told.outputs?.short).toBe('x')
      expect(told.outputs?.long).toMatch(/^ä{2030,}…$/)
      expect(told.stderr).toMatch(/output long: cut after \d+ bytes\n$/)
      const other = await collect(shell, named('long', 'short'))
      expect(other.outputs).toEqual({ long: expect.stringMatching(/^ä{1000,1030}…$/), short: 'x' })
    })

    test('one that fits to the byte is whole', async () => {
      await write('fits', `${'x'.repeat(4096 - 'fits'.length - 3)}\n`)
      await write('over', 'x'.repeat(4096 - 'over'.length - 2))
      expect((await collect(shell, named('fits'))).outputs?.fits).toMatch(/^x{4089}$/)
      expect((await collect(shell, named('over'))).outputs?.over).toMatch(/^x{4089}…$/)
    })

    test('sixteen long ones under long names in a pod of many containers stay within what a kubelet keeps', async () => {
      await write('long', 'x'.repeat(5000))
      const outputs = Array.from({ length: 16 }, (_, n) => ({ name: `${'n'.repeat(40)}${n}`, path: 'long' }))
      for (const containers of [1, 4, 12]) {
        const { size, outputs: told = {} } = await collect(shell, outputs, { containers })
        expect(size).toBeLessThanOrEqual(Math.min(4096, Math.floor(12288 / (containers + 1))))
        expect(Object.values(told)).toEqual(Array(16).fill(expect.stringMatching(/^x*…$/)))
      }
    })

    test('one that may not be read is none', async () => {
      await write('mine', 'x')
      await chmod(join(container.paths.workspaceDir, 'mine'), 0)
      const told = await collect(shell, [{ name: 'mine', path: 'mine', default: 'no' }])
      // root reads everything
      expect(told.outputs).toEqual({ mine: process.getuid?.() === 0 ? 'x' : 'no' })
    })

    test.each(['SIGINT', 'SIGQUIT'] as const)('%s, which an image may have as its STOPSIGNAL', async (signal) => {
      await write('a', 'one')
      expect(await collect(shell, named('a'), { signal })).toMatchObject({ code: 0, outputs: { a: 'one' } })
    })
  })
