import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { down, kill, restart, status, up } from './cluster.ts'
import { run } from './exec.ts'
import { existingKubeconfig } from './existing.ts'
import { running } from './processes.ts'

const name = 'test-life'
const cluster = existingKubeconfig() ? undefined : await up({ name, fresh: true, progress: console.error })
afterAll(() => down(name), 60_000)

const kubectl = (...args: string[]) =>
  run(cluster!.bin.kubectl, args, { env: { KUBECONFIG: cluster!.kubeconfig }, timeout: 60_000 })

describe.skipIf(!cluster)('a cluster', () => {
  test('that runs is returned at once', async () => {
    const said: string[] = []
    const start = performance.now()
    expect(await up({ name, progress: (line) => said.push(line) })).toEqual(cluster!)
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(said).toEqual([])
  })

  test('has the version that go.mod asks for', async () => {
    const { serverVersion } = JSON.parse(await kubectl('version', '-o', 'json'))
    expect(serverVersion).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.3' })
  })

  test('answers at an address that pods reach, to its administrator', async () => {
    expect(cluster!.server).toStartWith(`https://${cluster!.hostAddress}:`)
    expect((await kubectl('auth', 'can-i', '*', '*', '--all-namespaces')).trim()).toBe('yes')
  })

  test('keeps its objects when half of it is killed', async () => {
    await kubectl('create', 'configmap', 'kept')
    const ofNode = ['containerd', 'kubelet', 'kube-proxy', 'coredns']
    const victims = ['etcd', 'kube-apiserver', ...(cluster!.pods ? ofNode : ['kube-scheduler'])]
    const before = await running(cluster!.dir)
    for (const victim of victims) await kill(cluster!, victim)
    await up({ name, progress: () => {} })
    const after = await running(cluster!.dir)
    for (const victim of victims) expect(after.get(victim)).not.toBe(before.get(victim))
    expect(await status(name)).toMatchObject({ ready: true })
    expect(await kubectl('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n')
  }, 90_000)

  test('restarts one component and no other', async () => {
    const before = await running(cluster!.dir)
    await restart(cluster!, 'kube-apiserver')
    const after = await running(cluster!.dir)
    expect([...after].filter(([component, pid]) => before.get(component) !== pid).map(([c]) => c)).toEqual([
      'kube-apiserver',
    ])
    await expect(restart(cluster!, 'kube-dns')).rejects.toThrow('no component "kube-dns"')
  }, 90_000)

  test('lives beside another one and is not hurt when that ends', async () => {
    const other = await up({ name: `${name}-2`, pods: false, progress: () => {} })
    expect(other.server).not.toBe(cluster!.server)
    expect(other).toMatchObject({ pods: false, podsMissing: 'a control plane alone was asked for' })
    await down(other.name)
    expect(existsSync(other.dir)).toBe(false)
    expect(await status(other.name)).toBeUndefined()
    expect(await status(name)).toMatchObject({ ready: true })
  }, 90_000)

  test('leaves nothing behind', async () => {
    await down(name)
    expect(existsSync(cluster!.dir)).toBe(false)
    expect((await running(cluster!.dir)).size).toBe(0)
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    expect(addresses.filter(({ address, internal }) => !internal && address === cluster!.hostAddress)).toEqual([])
  }, 60_000)
})
