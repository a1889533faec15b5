import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/*
 * Which runtime bin/agentjob takes, and what it says where there is none. The runtimes are scripts that say who they
 * are; the real ones run in test/e2e/runtimes.test.ts.
 */

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentjob-bin-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function script(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${text}\n`)
  await chmod(file, 0o755)
}

interface Given {
  /** In the PATH. */
  path?: string[]
  node?: 'old' | 'new'
  /** Has a Bun of its own. */
  installed?: boolean
  /** Below a node_modules. */
  dependency?: boolean
  wanted?: string
}
let made = 0

/** Runs a copy of bin/agentjob through a link; gives what the chosen runtime was called with. */
async function choice({ path = [], node = 'new', installed, dependency, wanted }: Given) {
  const root = join(folder, `${made++}`)
  const home = dependency ? join(root, 'node_modules', 'agentjob') : join(root, 'agentjob')
  await mkdir(join(home, 'bin'), { recursive: true })
  await copyFile(join(import.meta.dirname, '../../bin/agentjob'), join(home, 'bin', 'agentjob'))
  await chmod(join(home, 'bin', 'agentjob'), 0o755)
  await symlink(join(home, 'bin', 'agentjob'), join(root, 'link'))
  const tools = join(root, 'path')
  for (const tool of ['readlink', 'dirname']) await script(join(tools, tool), `exec ${Bun.which(tool)} "$@"`)
  for (const name of path) await script(join(tools, name), answer(name, node))
  if (installed) await script(join(home, 'node_modules', '.bin', 'bun'), 'echo own bun "$@"')
  const env = { PATH: tools, ...(wanted === undefined ? {} : { AGENTJOB_RUNTIME: wanted }) }
  const { status, stdout, stderr } = spawnSync(join(root, 'link'), ['get', 'a b'], { env, encoding: 'utf8' })
  return { status, said: (stdout + stderr).trim().replaceAll(home, 'HOME') }
}

/** Node is asked for its version first. */
const answer = (name: string, node: 'old' | 'new') =>
  `${name === 'node' ? `[ "$1" != -e ] || exit ${node === 'new' ? 0 : 1}\n` : ''}echo ${name} "$@"`

const MAIN = 'HOME/src/cli/main.ts get a b'
const cases: { name: string; given: Given; want: string }[] = [
  { name: 'its own Bun first', given: { installed: true, path: ['bun', 'deno', 'node'] }, want: `own bun ${MAIN}` },
  { name: 'then Bun', given: { path: ['bun', 'deno', 'node'] }, want: `bun ${MAIN}` },
  { name: 'then Deno', given: { path: ['deno', 'node'] }, want: `deno run --allow-all ${MAIN}` },
  { name: 'then Node', given: { path: ['node'] }, want: `node ${MAIN}` },
  {
    name: 'Deno when asked for',
    given: { installed: true, path: ['bun', 'deno', 'node'], wanted: 'deno' },
    want: `deno run --allow-all ${MAIN}`,
  },
  {
    name: 'Node when asked for',
    given: { installed: true, path: ['bun', 'deno', 'node'], wanted: 'node' },
    want: `node ${MAIN}`,
  },
  { name: 'Bun when asked for', given: { installed: true, path: ['node'], wanted: 'bun' }, want: `own bun ${MAIN}` },
]
for (const { name, given, want } of cases)
  test(name, async () => expect(await choice(given)).toEqual({ status: 0, said: want }))

const refusals: { name: string; given: Given; status: number; said: RegExp }[] = [
  { name: 'nothing there', given: {}, status: 127, said: /run "npm install" in HOME, or install Bun 1.4, Deno 2.2/ },
  { name: 'an old Node alone', given: { path: ['node'], node: 'old' }, status: 127, said: /no runtime found/ },
  {
    name: 'Deno asked for in vain',
    given: { path: ['bun'], wanted: 'deno' },
    status: 127,
    said: /RUNTIME is deno, and/,
  },
  {
    name: 'an old Node asked for',
    given: { path: ['bun', 'node'], node: 'old', wanted: 'node' },
    status: 127,
    said: /AGENTJOB_RUNTIME is node, and there is none: it takes .* Node 22.19/,
  },
  {
    name: 'one that nobody knows',
    given: { path: ['bun'], wanted: 'ruby' },
    status: 2,
    said: /"ruby"; it can be bun,/,
  },
  {
    name: 'a dependency without Bun: the others take no TypeScript from node_modules',
    given: { path: ['deno', 'node'], dependency: true },
    status: 127,
    said: /no Bun found/,
  },
]
for (const { name, given, status, said } of refusals)
  test(`refused: ${name}`, async () =>
    expect(await choice(given)).toEqual({ status, said: expect.stringMatching(said) }))
