import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { controlPlane, type Layout } from './controlplane.ts'
import { allocate, ensureBridge, type Network } from './network.ts'
import { node } from './node.ts'
import { clusterDir } from './paths.ts'
import type { Component } from './processes.ts'

/** What has to be remembered about a cluster while it lives; `state.json` in its folder. */
export interface State extends Layout {
  /** Why it runs no pods; undefined where it does. */
  podsMissing?: string
}

/** Reads a cluster's state; undefined if there is no such cluster. */
export async function readState(name: string): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(stateFile(name), 'utf8')) as State
    if (!state.network.services) throw new Error('an older version of this has made it')
    return state
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(
      `${stateFile(name)} can't be read (${(error as Error).message}): remove it with "agentjob cluster down"`,
    )
  }
}

/** Remembers a cluster's state. */
export async function writeState(state: State): Promise<void> {
  await writeFile(stateFile(state.name), `${JSON.stringify(state, undefined, 2)}\n`)
}

const stateFile = (name: string) => join(clusterDir(name), 'state.json')

/** Gives a new cluster its addresses, ports and certificates. */
export async function createState(name: string, bin: string, podsMissing: string | undefined): Promise<State> {
  const folder = clusterDir(name)
  await mkdir(join(folder, 'logs'), { recursive: true, mode: 0o700 })
  const state: State = { name, folder, bin, network: await reachable(name, await allocate(name)), podsMissing }
  await makeCertificates(folder, bin, name, state.network)
  await writeState(state)
  return state
}

/** Without root there is no bridge, and the cluster keeps to the loopback address. */
async function reachable(name: string, network: Network): Promise<Network> {
  const loopback = { ...network, bridge: undefined, address: '127.0.0.1' }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return loopback
  return ensureBridge(name, network).then(
    () => network,
    () => loopback,
  )
}

/** Everything that has to run for the cluster to be up, in the order in which it is started. */
export function components(state: State): Component[] {
  return state.podsMissing === undefined ? [...controlPlane(state), ...node(state)] : controlPlane(state)
}

/** URL of the cluster's API server. */
export function serverOf({ network }: Layout): string {
  return `https://${network.address}:${network.ports.apiServer}`
}
