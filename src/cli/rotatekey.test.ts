import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEpochs } from '../signing/epochs.ts'
import { onlyWith, signingWith, withKey } from '../signing/rotation.ts'
import { run } from './testing/run.ts'

/*
 * The command against an API server that has Secrets and AgentJobs and nothing else. That a rotation does what it says is
 * tested on a real one.
 */

type Data = Record<string, string>
const EPOCHS = 'agentjob-signing-epochs'
const FIRST = 'agentjob-signing-key'
/** Secrets of the operator's namespace, what was written, and the AgentJobs: by name, the epochs of their signatures. */
const world = {
  secrets: new Map<string, Data>(),
  writes: [] as string[],
  /** When, in milliseconds. */
  times: [] as number[],
  jobs: new Map<string, number>(),
  conflict: false,
  /** Names of those that an AgentQuota forbids once the Secret of the epochs is written. */
  forbidden: [] as string[],
}

beforeEach(() => {
  Object.assign(world, {
    secrets: new Map([[FIRST, {}]]),
    writes: [],
    times: [],
    jobs: new Map(),
    conflict: false,
    forbidden: [],
  })
})

const failed = (code: number, reason: string) => Response.json({ kind: 'Status', reason, code }, { status: code })
const signature = (epoch: number) =>
  `${Buffer.from(JSON.stringify({ alg: 'HS256', kid: `${epoch}` })).toString('base64url')}.a.b`
const agentJobs = () =>
  [...world.jobs].map(([name, epoch]) => ({
    metadata: { namespace: 'team', name, ...(name === 'going' ? { deletionTimestamp: '2026-05-04T09:00:00Z' } : {}) },
    expansion: {
      signature: signature(epoch),
      grants: name === 'with-rights' ? [{}] : undefined,
      problems:
        name === 'forbidden-before' || (world.writes.length && world.forbidden.includes(name))
          ? [{ reason: 'ForbiddenByQuota', path: 'spec.schedule', message: 'has runs 5m apart' }]
          : [],
    },
  }))

const server = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url)
    if (pathname.endsWith('/agentjobs')) return Response.json({ metadata: {}, items: agentJobs() })
    const body =
      request.method === 'GET' ? undefined : ((await request.json()) as { metadata: { name: string }; data: Data })
    const name = request.method === 'POST' ? (body?.metadata.name ?? '') : (pathname.split('/').at(-1) as string)
    const { secrets, writes, conflict } = world
    if (request.method === 'GET') {
      const data = secrets.get(name)
      return data
        ? Response.json({
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { namespace: 'agentjob-system', name, resourceVersion: '1' },
            data,
          })
        : failed(404, 'NotFound')
    }
    if (conflict) return failed(409, request.method === 'POST' ? 'AlreadyExists' : 'Conflict')
    writes.push(`${request.method} ${name}`)
    world.times.push(performance.now())
    if (request.method === 'DELETE') secrets.delete(name)
    else secrets.set(name, body?.data ?? {})
    return Response.json(body)
  },
})
const folder = await mkdtemp(join(tmpdir(), 'rotate-'))
const kubeconfig = join(folder, 'kubeconfig')
await writeFile(
  kubeconfig,
  JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${server.port}` } }],
    users: [{ name: 'a', user: {} }],
  }),
)
afterAll(async () => {
  server.stop(true)
  await rm(folder, { recursive: true })
})

const rotate = (...args: string[]) => run(['rotate-key', '--kubeconfig', kubeconfig, '--pause', '0', ...args])
const stored = () => readEpochs(world.secrets.get(EPOCHS))
const key = (fill: number) => new Uint8Array(32).fill(fill)

test('a rotation ends with a new key alone, and without the first one', async () => {
  const { stdout, exitCode } = await rotate()
  expect(stdout).toBe(`epoch 2 has a key; replicas learn it
epoch 2 signs; what is older is signed anew
every older key is retired; replicas learn it
epoch 2 is the only one
`)
  expect(exitCode).toBe(0)
  expect(world.writes).toEqual([`POST ${EPOCHS}`, `PUT ${EPOCHS}`, `PUT ${EPOCHS}`, `DELETE ${FIRST}`])
  expect({ ...stored(), keys: [...stored().keys.keys()] }).toEqual({ signs: 2, oldest: 2, keys: [2] })
})

test('nothing is retired while an AgentJob is of an older epoch, and those that are left are named', async () => {
  world.jobs = new Map([...Array.from({ length: 12 }, (_, n) => [`old-${n}`, 1] as const), ['new', 2], ['going', 1]])
  const { stdout, stderr, exitCode } = await rotate('--timeout', '0')
  expect(stdout).toContain('12 AgentJobs are of an older epoch\n')
  expect(stderr).toContain('error: the time was over first; these are still of an older epoch:\n')
  expect(stderr).toContain('  team/old-0\n')
  expect(stderr).toContain('  and 2 more\n')
  expect(stderr).not.toMatch(/new|going/)
  expect(exitCode).toBe(3)
  expect(stored()).toMatchObject({ signs: 2, oldest: 1 })
  expect(world.secrets.has(FIRST)).toBe(true)
})

test('one that is left is one', async () => {
  world.jobs = new Map([['old', 1]])
  expect((await rotate('--timeout', '0')).stdout).toContain('\n1 AgentJob is of an older epoch\n')
})

test.each(['700ms', '0.7s', '0.7'])(
  'replicas get --pause %s',
  async (text) => {
    expect((await rotate('--pause', text)).exitCode).toBe(0)
    const [add = 0, sign = 0, retire = 0] = world.times
    for (const paused of [sign - add, retire - sign]) expect(paused).toBeWithin(690, 15_000)
  },
  60_000,
)

test.each(['soon', '-1', '', '1d', '.'])('no pause: --pause %p', async (text) => {
  const { stderr, exitCode } = await rotate(`--pause=${text}`)
  expect(stderr).toContain('It must be a duration such as 30s, 2m or 1m30s.')
  expect([exitCode, world.writes]).toEqual([2, []])
})

for (const { name, data, first } of [
  { name: 'a key is there that does not sign', data: withKey({}, 2, key(2)), first: 'epoch 2 signs; ' },
  { name: 'what is older is not retired', data: signingWith(withKey({}, 2, key(2)), 2), first: 'every older key' },
])
  test(`an interrupted rotation goes on: ${name}`, async () => {
    world.secrets.set(EPOCHS, data)
    const { stdout } = await rotate()
    expect(stdout).toStartWith(first)
    expect(stored()).toEqual({ signs: 2, oldest: 2, keys: new Map([[2, key(2)]]) })
  })

test('an interrupted rotation goes on: the first key is retired and not gone', async () => {
  world.secrets.set(EPOCHS, onlyWith(withKey({}, 2, key(2)), 2))
  const { stdout, exitCode } = await rotate()
  expect(stdout).toBe('the first key, which is retired, is gone now\nepoch 2 is the only one\n')
  expect([exitCode, world.writes]).toEqual([0, [`DELETE ${FIRST}`]])
})

for (const { name, data, epoch } of [
  { name: 'the first one', data: undefined, epoch: 2 },
  { name: 'a later one', data: onlyWith(withKey({}, 2, key(2)), 2), epoch: 3 },
  { name: 'one whose successor is there already', data: withKey({}, 2, key(2)), epoch: 3 },
])
  test(`a key that has leaked is retired with one write: ${name}`, async () => {
    if (data) world.secrets.set(EPOCHS, data)
    world.jobs = new Map(['hello', 'with-rights'].map((name) => [name, epoch]))
    const { stdout, exitCode } = await rotate('--leaked')
    expect(world.writes).toEqual([`${data ? 'PUT' : 'POST'} ${EPOCHS}`, `DELETE ${FIRST}`])
    expect({ ...stored(), keys: [...stored().keys.keys()] }).toEqual({ signs: epoch, oldest: epoch, keys: [epoch] })
    expect(stdout).toContain('changes their spec:\n  team/with-rights\nevery AgentJob is expanded anew\n')
    expect(exitCode).toBe(0)
  })

test('whom an AgentQuota forbids now that nobody can say he was there before it is named', async () => {
  world.forbidden = ['dense', 'forbidden-before']
  world.jobs = new Map(['dense', 'forbidden-before', 'hello'].map((name) => [name, 2]))
  const { stdout, exitCode } = await rotate('--leaked')
  expect(stdout).toEndWith(`every AgentJob is expanded anew
an AgentQuota forbids these, and has not before; they start nothing:
  team/dense
`)
  expect(exitCode).toBe(0)
})

test('another namespace than the operator’s is none to make keys in', async () => {
  world.secrets.clear()
  const { stderr, exitCode } = await rotate('-n', 'team')
  expect(stderr).toBe(
    `error: namespace team has neither Secret ${FIRST} nor ${EPOCHS}: no operator keeps its keys there; give the namespace of AgentJob's operator with -n\n`,
  )
  expect([exitCode, world.writes]).toEqual([4, []])
})

test('what it means that nobody waits for replicas is told where --pause is', async () => {
  const help = (await run(['rotate-key', '--help'])).stdout.replace(/\s+/g, ' ')
  expect(help).toContain('0: none waits for them, and what a late one signs with a retired key loses who asked for it')
})

test('a Secret that is wrong is not built upon', async () => {
  world.secrets.set(EPOCHS, { signs: 'Nw==' })
  const { stderr, exitCode } = await rotate()
  expect(stderr).toStartWith(`error: Secret agentjob-system/${EPOCHS}: data.signs must be`)
  expect([exitCode, world.writes]).toEqual([1, []])
})

test('who is overtaken stops', async () => {
  world.conflict = true
  const { stderr, exitCode } = await rotate()
  expect(stderr).toBe(
    `error: somebody else has written Secret agentjob-system/${EPOCHS}; look at it, and call this again\n`,
  )
  expect([exitCode, world.secrets.has(EPOCHS)]).toEqual([1, false])
})
