import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { files, RUNTIME } from './badfiles.ts'

/*
 * Files that are none, given to the command line as its users do: what it says, how it ends, and that neither takes
 * more time and memory than there is.
 */

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const MAX_RSS = 400 * 1024 * 1024
// two seconds by itself; other suites run beside this one
const MAX_MS = 60_000

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentjob-badinput-'))
  mkdirSync(join(folder, 'none'))
  mkdirSync(join(folder, 'some'))
  writeFileSync(join(folder, 'good.yaml'), RUNTIME)
  writeFileSync(join(folder, 'some', 'good.yaml'), RUNTIME)
  symlinkSync('.', join(folder, 'some', 'self'))
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'))
  symlinkSync('/dev/zero', join(folder, 'zero.yaml'))
  execFileSync('mkfifo', [join(folder, 'some', 'pipe.yaml')])
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The most resident memory of a process; what wait4 tells of a child begins with that of its parent. */
function watched(pid: number) {
  let peak = 0
  const timer = setInterval(() => {
    try {
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      if (kilobytes) peak = Number(kilobytes) * 1024
    } catch {
      clearInterval(timer)
    }
  }, 20)
  return {
    peak() {
      clearInterval(timer)
      return peak
    },
  }
}

/** Runs the command line; refuses what no user may ever see. */
async function agentjob(args: string[], stdin = '') {
  const started = performance.now()
  const child = Bun.spawn([process.execPath, MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdin: new Blob([stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: MAX_MS,
  })
  const memory = watched(child.pid)
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  const exitCode = await child.exited
  expect(stdout + stderr).not.toMatch(/^ +at |this is a bug/m)
  expect(performance.now() - started).toBeLessThan(MAX_MS)
  expect(memory.peak()).toBeLessThan(MAX_RSS)
  return { lines: (stdout + stderr).trimEnd().split('\n'), exitCode }
}

for (const { name, given, says } of files)
  test.concurrent(`validate: ${name}`, async () => {
    const file = `${name.replaceAll(/\W/g, '-')}.yaml`
    writeFileSync(join(folder, file), given)
    const { lines, exitCode } = await agentjob(['validate', '-f', file])
    const told = lines.slice(0, -1).map((line) => line.replace(file, 'FILE'))
    expect(says.at(-1) === '…' ? [...told.slice(0, says.length - 1), '…'] : told).toEqual(says)
    expect([lines.at(-1), exitCode]).toEqual([expect.stringMatching(/^\d objects? valid, \d invalid$/), 1])
  })

const others: { name: string; args: string[]; stdin?: string; says: string[]; exitCode: number }[] = [
  { name: 'a directory', args: ['validate', '-f', 'some'], says: ['1 object valid, 0 invalid'], exitCode: 0 },
  {
    name: 'a directory with a loop',
    args: ['validate', '-R', '-f', 'some'],
    says: ['1 object valid, 0 invalid'],
    exitCode: 0,
  },
  {
    name: 'an empty directory',
    args: ['validate', '-f', 'none'],
    says: [
      'none: error: has no .yaml, .yml or .json file; -R looks into its directories, too',
      '0 objects valid, 1 invalid',
    ],
    exitCode: 1,
  },
  {
    name: 'a link to itself',
    args: ['validate', '-f', 'loop.yaml'],
    says: ['loop.yaml: error: is a link that leads back to itself', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a file without end',
    args: ['validate', '-f', 'zero.yaml'],
    says: ['zero.yaml: error: is larger than 8 MB; split it', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'a typo',
    args: ['validate', '-f', 'god.yaml'],
    says: ['god.yaml: error: does not exist; did you mean good.yaml?', '0 objects valid, 1 invalid'],
    exitCode: 1,
  },
  {
    name: 'no -f',
    args: ['validate', 'good.yaml'],
    says: ['error: files are named with -f: agentjob validate -f good.yaml', 'See "agentjob validate --help".'],
    exitCode: 2,
  },
  {
    name: 'too much on stdin',
    args: ['expand', '-f', '-'],
    stdin: 'x'.repeat(9_000_000),
    says: ['error: stdin: is larger than 8 MB; split it'],
    exitCode: 1,
  },
  {
    name: 'settings that are a directory',
    args: ['expand', '-f', 'good.yaml', '--settings', 'none'],
    says: ['error: none: has no .yaml, .yml or .json file'],
    exitCode: 1,
  },
  {
    name: 'settings that are a list',
    args: ['serve', '--settings', '-'],
    stdin: '- a',
    says: ['error: stdin:1:1: must be an object with apiVersion, kind and metadata, not a list'],
    exitCode: 1,
  },
  {
    name: 'a kubeconfig that is a directory',
    args: ['get', '--kubeconfig', 'some'],
    says: ["error: the kubeconfig some can't be read: it is a directory; name a file in it"],
    exitCode: 5,
  },
  {
    name: 'a kubeconfig that is a link to itself',
    args: ['get', '--kubeconfig', 'loop.yaml'],
    says: ['error: the kubeconfig loop.yaml does not exist'],
    exitCode: 5,
  },
]

for (const { name, args, stdin, says, exitCode } of others)
  test.concurrent(name, async () => {
    expect(await agentjob(args, stdin)).toEqual({ lines: says, exitCode })
  })
