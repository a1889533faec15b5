import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import type { Client } from '../../src/kube/client.ts'
import { startElection } from '../../src/kube/lease.ts'
import { LEASES, type LeaseSpec } from '../../src/kube/leaserecord.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { connect, connectClient, freshNamespace, withApiServer } from './apiserver.ts'
import { cuttable } from './cuttable.ts'
import { eventually, memoryLog } from './scripted.ts'

withApiServer('leader election', () => {
  let client: Client
  let namespace: Awaited<ReturnType<typeof freshNamespace>>
  const ends: (() => void)[] = []
  beforeAll(async () => {
    client = connectClient()
    namespace = await freshNamespace(client)
  })
  afterEach(() => {
    for (const end of ends.splice(0)) end()
  })
  afterAll(async () => {
    await namespace.delete()
    client.transport.close()
  })

  const specOf = async (name: string): Promise<LeaseSpec> => {
    const lease = await client.get<KubeObject & { spec: LeaseSpec }>(LEASES, { namespace: namespace.name, name })
    return lease?.spec ?? {}
  }

  function candidate(lease: string, identity: string) {
    const child = spawn(process.execPath, [`${import.meta.dir}/candidate.ts`, namespace.name, lease, identity])
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
    })
    ends.push(() => child.kill('SIGKILL'))
    return { says: (text: string) => said.includes(text), kill: (signal: NodeJS.Signals) => child.kill(signal) }
  }

  test('a leader that is shut down gives the lease back, and the next takes over at once', async () => {
    const one = candidate('back', 'one')
    await eventually('one to lead', () => one.says('leading one'))
    const two = candidate('back', 'two')
    await Bun.sleep(800)
    expect(two.says('leading')).toBe(false)
    const started = performance.now()
    one.kill('SIGTERM')
    await eventually('two to lead', () => two.says('leading two'))
    expect(performance.now() - started).toBeLessThan(1500)
    expect(one.says('stopped one')).toBe(true)
    // One transition to nobody is none: what counts is who holds it next.
    expect(await specOf('back')).toMatchObject({ holderIdentity: 'two', leaseDurationSeconds: 3, leaseTransitions: 1 })
  }, 20_000)

  test('a leader that dies is waited for until its lease has run out', async () => {
    const one = candidate('dead', 'one')
    await eventually('one to lead', () => one.says('leading one'))
    const two = candidate('dead', 'two')
    await Bun.sleep(1000)
    const started = performance.now()
    one.kill('SIGKILL')
    await eventually('two to lead', () => two.says('leading two'), 6000)
    expect(performance.now() - started).toBeWithin(2500, 5000)
  }, 20_000)

  test('a lease that has run out is taken then, and not a period later', async () => {
    const controller = new AbortController()
    const key = { namespace: namespace.name, name: 'over' }
    const spec = { holderIdentity: 'gone', leaseDurationSeconds: 1, leaseTransitions: 0 }
    await client.create(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: key, spec } as never)
    const election = startElection({
      ...{ client, ...key, identity: 'next', now: Date.now, signal: controller.signal, log: memoryLog() },
      retryPeriodMs: 60_000,
      onStarted() {},
    })
    await eventually('the next one to lead', async () => (await specOf('over')).holderIdentity === 'next', 10_000)
    controller.abort()
    await election
  }, 20_000)

  test('a leader that is cut off stops before another one starts, and leads again later', async () => {
    const proxy = await cuttable(connect())
    const controller = new AbortController()
    const log: string[] = []
    const at = (what: string) => log.push(what)
    const election = startElection({
      client: connectClient(proxy.connection),
      namespace: namespace.name,
      name: 'cut',
      identity: 'one',
      leaseDurationMs: 3000,
      renewDeadlineMs: 2000,
      retryPeriodMs: 200,
      now: Date.now,
      signal: controller.signal,
      log: memoryLog(),
      onStarted(leader) {
        at('one leads')
        leader.addEventListener('abort', () => at('one stops'))
      },
    })
    await eventually('one to lead', () => log.includes('one leads'))
    const two = candidate('cut', 'two')
    await Bun.sleep(800)
    proxy.cut(true)
    await eventually('two to lead', () => two.says('leading two'), 6000)
    expect(log).toEqual(['one leads', 'one stops'])
    proxy.allow()
    two.kill('SIGTERM')
    await eventually('one to lead again', () => log.length === 3, 6000)
    controller.abort()
    await election
    expect(log).toEqual(['one leads', 'one stops', 'one leads', 'one stops'])
    expect(await specOf('cut')).toMatchObject({ holderIdentity: '', leaseTransitions: 2 })
    proxy.close()
  }, 30_000)

  test('the lease is given back only when the work has stopped', async () => {
    const controller = new AbortController()
    let stopped = false
    const election = startElection({
      client,
      namespace: namespace.name,
      name: 'work',
      identity: 'one',
      now: Date.now,
      signal: controller.signal,
      log: memoryLog(),
      async onStarted(leader) {
        await new Promise((resolve) => leader.addEventListener('abort', resolve))
        await Bun.sleep(300)
        expect((await specOf('work')).holderIdentity).toBe('one')
        stopped = true
      },
    })
    await eventually('one to lead', async () => (await specOf('work')).holderIdentity === 'one')
    controller.abort()
    await election
    expect(stopped).toBe(true)
    expect((await specOf('work')).holderIdentity).toBe('')
  })

  test('a leader whose lease was taken from it stops at its next renewal', async () => {
    const controller = new AbortController()
    const reasons: string[] = []
    const election = startElection({
      client,
      namespace: namespace.name,
      name: 'taken',
      identity: 'one',
      retryPeriodMs: 200,
      now: Date.now,
      signal: controller.signal,
      log: memoryLog(),
      onStarted: (leader) =>
        leader.addEventListener('abort', () => reasons.push((leader.reason as Error).message), { once: true }),
    })
    await eventually('one to lead', async () => (await specOf('taken')).holderIdentity === 'one')
    const key = { namespace: namespace.name, name: 'taken' }
    await client.mergePatch(LEASES, key, { spec: { holderIdentity: 'two' } })
    await eventually('one to stop', () => reasons.length > 0, 2000)
    controller.abort()
    await election
    expect(reasons).toEqual(['two has taken the lease'])
  })

  test('of many that start at once, one leads', async () => {
    const candidates = ['a', 'b', 'c', 'd'].map((identity) => candidate('race', identity))
    await eventually('one to lead', () => candidates.some((one) => one.says('leading')))
    await Bun.sleep(1000)
    expect(candidates.filter((one) => one.says('leading')).length).toBe(1)
    expect((await specOf('race')).leaseTransitions).toBe(0)
  })
})
