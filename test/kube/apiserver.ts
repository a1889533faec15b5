import { describe } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { type Client, createClient } from '../../src/kube/client.ts'
import { type Connection, loadConnection } from '../../src/kube/connection.ts'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { createTransport } from '../../src/kube/transport.ts'

const kubeconfig = process.env.AGENTJOB_TEST_KUBECONFIG

/** Tests that need a real API server; without one they are skipped by this name. */
export const withApiServer = (name: string, tests: () => void) =>
  kubeconfig
    ? describe(name, tests)
    : describe.skip(`${name} (needs a real API server: AGENTJOB_TEST_KUBECONFIG)`, tests)

export const connect = (): Connection => loadConnection({ kubeconfig })

export const connectClient = (connection = connect()): Client => createClient(createTransport(connection))

const core = (kind: string, plural: string, namespaced = true) => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced,
})

export const NAMESPACES: ResourceType = core('Namespace', 'namespaces', false)
export const CONFIG_MAPS: ResourceType = core('ConfigMap', 'configmaps')
export const JOBS: ResourceType = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true }

/** A namespace of its own for a test; `delete` does not wait for its end. */
export async function freshNamespace(client: Client) {
  const name = `kube-${randomBytes(4).toString('hex')}`
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return { name, delete: () => client.delete(NAMESPACES, { name }) }
}

export const configMap = (namespace: string, name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  data,
})
