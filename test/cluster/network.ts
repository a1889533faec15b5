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
  /** Address of the cluster's DNS, a Service too. */
  dnsAddress: string
  /** Where Services are translated to pods. */
  services: ServiceNetwork
  ports: { apiServer: number; etcd: number; etcdPeer: number; kubelet: number; dns: number }
}

/**
 * A network namespace of kube-proxy's own, to which the host routes `serviceCidr`: its rules have the same names in every
 * cluster, so that two of them on one host would take each other's away.
 */
export interface ServiceNetwork {
  namespace: string
  /** The interface that leads there, and its addresses on this side and on the other. */
  link: string
  hostAddress: string
  address: string
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
    dnsAddress: `10.218.${slot * 4}.10`,
    services: {
      namespace: `agentjob${slot}-services`,
      link: `agentjob${slot}s`,
      hostAddress: `10.219.${slot * 4}.1`,
      address: `10.219.${slot * 4}.2`,
    },
    ports: { apiServer: port, etcd: port + 1, etcdPeer: port + 2, kubelet: port + 3, dns: port + 4 },
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

/** Makes the namespace in which Services are translated, and the way there, if they are missing. Needs root. */
export async function ensureServices({ services, serviceCidr }: Network): Promise<void> {
  const { namespace, link, hostAddress, address } = services
  if (networkInterfaces()[link]?.some((a) => a.address === hostAddress)) return
  await run('ip', ['netns', 'delete', namespace]).catch(() => {})
  const batch = (lines: string[], ...options: string[]) =>
    run('ip', [...options, '-batch', '-'], { input: `${lines.join('\n')}\n` })
  await batch([
    `netns add ${namespace}`,
    `link add ${link} type veth peer name eth0 netns ${namespace}`,
    `link set ${link} up`,
  ])
  const there = [
    'link set lo up',
    `address add ${address}/30 dev eth0`,
    'link set eth0 up',
    `route add default via ${hostAddress}`,
    // an address that is no Service's would go to and fro
    `route add unreachable ${serviceCidr}`,
  ]
  await batch(there, '-netns', namespace)
  await run('ip', ['netns', 'exec', namespace, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  // last, since from then on it is there
  await batch([`address add ${hostAddress}/30 dev ${link}`, `route replace ${serviceCidr} via ${address} dev ${link}`])
}

/** Removes what `ensureBridge` and `ensureServices` made for a cluster and gives its slot back. Needs nothing but its name. */
export async function removeNetwork(name: string): Promise<void> {
  for (let slot = 0; slot < slots; slot++) {
    if ((await readFile(slotFile(slot), 'utf8').catch(() => undefined)) !== name) continue
    const network = networkOf(slot)
    if (existsSync(`/sys/class/net/${network.bridge}`)) {
      for (const rule of rules(name, network)) await iptables('-D', rule).catch(() => {})
      await run('ip', ['link', 'delete', network.bridge!])
    }
    const { link, namespace } = network.services
    if (existsSync(`/sys/class/net/${link}`)) await run('ip', ['link', 'delete', link])
    if (existsSync(`/run/netns/${namespace}`)) await run('ip', ['netns', 'delete', namespace])
    await release(slot)
  }
}

/** Pods reach the outside through the host. */
function rules(name: string, { bridge, podCidr }: Network): string[] {
  const ours = `-m comment --comment agentjob:${name}`
  return [
    `nat POSTROUTING -s ${podCidr} ! -d ${podCidr} ${ours} -j MASQUERADE`,
    `filter FORWARD -i ${bridge} ${ours} -j ACCEPT`,
    `filter FORWARD -o ${bridge} ${ours} -j ACCEPT`,
  ]
}

function iptables(action: string, rule: string): Promise<string> {
  const [table = '', chain = '', ...match] = rule.split(' ')
  return run('iptables', ['-w', '-t', table, action, chain, ...match])
}
