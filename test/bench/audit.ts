import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { administrator } from '../cluster/api.ts'
import { start, stop } from '../cluster/processes.ts'
import { apiServerReady } from '../cluster/ready.ts'
import { components, readState } from '../cluster/state.ts'
import { NAMESPACE, OPERATOR } from '../operator/install.ts'
import type { World } from './world.ts'

/** A request of the operator's, as the API server's audit log has it. */
export interface Asked {
  verb: string
  /** With its subresource: `agentjobs/status`. */
  resource: string
  namespace?: string
}

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [`system:serviceaccount:${NAMESPACE}:${OPERATOR}`] }, { level: 'None' }],
}

/**
 * Has the API server, started anew, write down each request of the operator's; gives a function that gives those since
 * it was last called. Its metrics would do, but they don't say who asks. It goes on doing so: this is for the last
 * benchmark of a world.
 */
export async function startAudit(world: World): Promise<() => Promise<Asked[]>> {
  const file = (name: string) => join(world.cluster.dir, 'bench', name)
  const [policy, log] = [file('policy.yaml'), file('audit.log')]
  await writeFile(policy, stringify(POLICY))
  await writeFile(log, '')
  await restartApiServer(world, [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`])
  let read = 0
  return async () => {
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').filter(Boolean)
    const fresh = lines.slice(read)
    read = lines.length
    return fresh.map(parse).filter((entry) => entry !== undefined)
  }
}

function parse(line: string): Asked | undefined {
  const { stage, verb, objectRef } = JSON.parse(line)
  // a watch is written down again when it ends
  if (verb === 'watch' && stage !== 'ResponseStarted') return undefined
  const { resource = '', subresource, namespace } = objectRef ?? {}
  return { verb, resource: subresource ? `${resource}/${subresource}` : resource, namespace }
}

async function restartApiServer(world: World, flags: string[]): Promise<void> {
  const { name, dir, server } = world.cluster
  const state = await readState(name)
  const component = state && components(state).find(({ name }) => name === 'kube-apiserver')
  if (!component) throw new Error(`the cluster ${name} has no API server`)
  await world.operator.stop()
  await stop(dir, component.name)
  start(dir, { ...component, args: [...component.args, ...flags] })
  await apiServerReady(dir, await administrator(dir, server))
  await world.restart()
  await world.settled()
}
