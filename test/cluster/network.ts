import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { run } from './exec.ts'
import { clusterDir, clustersDir } from './paths.ts'

/**
 * What keeps clusters on one host apart: each has a slot of its own, and address ranges, bridge and ports follow from it.
 * `bridge` is missing where the host does not let us make one; then the cluster listens on the loopback address alone.
 */
export interface Network {
  slot: number
  address: string
  bridge?: string
  podCidr: string
  serviceCidr: string
  /** First address of `serviceCidr`: that of the Service `kubernetes`. */
  serviceAddress: string
  ports: { apiServer: number; etcd: number; etcdPeer: number; kubelet: number }
}

const slots = 64

/** Takes the first free slot for the cluster `name`, or the one that it holds already. */
export async function allocate(name: string): Promise<Network> {
  await mkdir(join(clustersDir(), '.slots'), { recursive: true })
  for (let slot = 0; slot < slots; slot++) {
    const network = networkOf(slot)
    if (!(await claim(slot, name))) continue
    if (!addressInUse(network) && (await Promise.all(Object.values(network.ports).map(portFree))).every(Boolean)) {
      return network
    }
    await release(slot)
  }
  throw new Error(`all ${slots} slots for clusters are taken: "agentjob cluster down --name NAME" frees one`)
}

async function release(slot: number): Promise<void> {
  await rm(slotFile(slot), { force: true })
}

function networkOf(slot: number): Network {
  const port = 21000 + slot * 8 // below the range that the kernel takes outgoing connections' ports from
  return {
    slot,
    address: `10.217.${slot * 4}.1`,
    bridge: `agentjob${slot}`,
    podCidr: `10.217.${slot * 4}.0/22`,
    serviceCidr: `10.218.${slot * 4}.0/22`,
    serviceAddress: `10.218.${slot * 4}.1`,
    ports: { apiServer: port, etcd: port + 1, etcdPeer: port + 2, kubelet: port + 3 },
  }
}

const slotFile = (slot: number) => join(clustersDir(), '.slots', String(slot))

async function claim(slot: number, name: string): Promise<boolean> {
  try {
    await writeFile(slotFile(slot), name, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = await readFile(slotFile(slot), 'utf8').catch(() => '')
  if (owner === name) return true
  if (owner && !existsSync(clusterDir(owner))) await release(slot) // free from the next look on
  return false
}

function addressInUse({ address, bridge }: Network): boolean {
  return Object.entries(networkInterfaces()).some(
    ([name, addresses]) => name !== bridge && addresses?.some((a) => a.address === address),
  )
}

function portFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

/** Makes the cluster's bridge and the packet filter's rules, as far as they are missing. Needs root. */
export async function ensureBridge(name: string, network: Network): Promise<void> {
  const { slot, bridge, address } = network
  if (!bridge) return
  const present = networkInterfaces()[bridge]?.some((a) => a.address === address)
  if (!present) {
    const prefix = network.podCidr.split('/')[1]
    await run('ip', ['link', 'add', bridge, 'type', 'bridge']).catch(() => {})
    // else it takes that of one of its pods, and another one when that ends: connections of all others stand still
    await run('ip', ['link', 'set', bridge, 'address', `02:61:6a:00:00:${slot.toString(16).padStart(2, '0')}`])
    await run('ip', ['address', 'replace', `${address}/${prefix}`, 'dev', bridge])
    await run('ip', ['link', 'set', bridge, 'up'])
  }
  for (const rule of rules(name, network)) {
    await iptables('-C', rule).catch(() => iptables('-I', rule))
  }
}

/** Removes what `ensureBridge` made for a cluster and gives its slot back. Needs nothing but its name. */
export async function removeNetwork(name: string): Promise<void> {
  for (let slot = 0; slot < slots; slot++) {
    if ((await readFile(slotFile(slot), 'utf8').catch(() => undefined)) !== name) continue
    const network = networkOf(slot)
    if (existsSync(`/sys/class/net/${network.bridge}`)) {
      for (const rule of rules(name, network)) await iptables('-D', rule).catch(() => {})
      await run('ip', ['link', 'delete', network.bridge!])
    }
    await release(slot)
  }
}

/** Pods reach the outside through the host, and the API server by the address of the Service `kubernetes`. */
function rules(name: string, { bridge, podCidr, serviceAddress, address, ports }: Network): string[] {
  const ours = `-m comment --comment agentjob:${name}`
  return [
    `nat POSTROUTING -s ${podCidr} ! -d ${podCidr} ${ours} -j MASQUERADE`,
    `nat PREROUTING -d ${serviceAddress}/32 -p tcp --dport 443 ${ours} -j DNAT --to-destination ${address}:${ports.apiServer}`,
    `filter FORWARD -i ${bridge} ${ours} -j ACCEPT`,
    `filter FORWARD -o ${bridge} ${ours} -j ACCEPT`,
  ]
}

function iptables(action: string, rule: string): Promise<string> {
  const [table = '', chain = '', ...match] = rule.split(' ')
  return run('iptables', ['-w', '-t', table, action, chain, ...match])
}
