import type { EgressDestination } from '../../api/egress.ts'
import { modelUrl, type Variables } from '../../dialects/provider.ts'
import type { NamedAgentJob } from '../input.ts'
import { AGENT_CONTAINER, type RenderedPod } from '../pod.ts'
import type { Resolved } from '../references.ts'
import type { Settings } from '../settings.ts'
import { type HostPlace, placeOfHost, placeOfPattern } from './host.ts'

/** A port, as in networking.k8s.io/v1. */
export interface Port {
  protocol: string
  port: number
  endPort?: number
}

/** Something that an AgentJob leads to. */
export interface Destination {
  place: HostPlace
  ports: Port[]
  /** The field that leads there, and what a message about it begins with. */
  user: { path: string; says: string }
  /** Whether the operator's settings lead there: whose word needs no leave of the operator's. */
  isOperators?: boolean
}

const PORTS: Record<string, number> = { 'http:': 80, 'https:': 443, 'ssh:': 22, 'git:': 9418 }
/** Variables that name a proxy, as curl, Git and the programs read them. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy']

/**
 * What an AgentJob leads to, by names that stand in plain text: its model, a proxy, its repositories, contexts, skills and
 * MCP servers. What stands in a Secret nobody knows here.
 */
export function destinationsOf(
  job: NamedAgentJob,
  resolved: Resolved,
  pod: RenderedPod,
  { proxy }: Settings['pods'],
): Destination[] {
  const destinations: Destination[] = []
  const add = (url: string | undefined, path: string, says = '', isOperators = false) => {
    const target = url === undefined ? undefined : targetOf(url)
    if (!target) return
    const place = placeOfHost(target.host, job.metadata.namespace)
    const ports = [{ protocol: 'TCP', port: target.port }]
    if (place.kind === 'nowhere') return
    destinations.push({ place, ports, user: { path, says }, ...(isOperators && { isOperators }) })
  }
  const { runtime, repositories, skills, mcpServers, contexts } = resolved
  const variables = variablesOf(pod)
  if (runtime) add(modelUrl(runtime.spec.dialect, variables, job.spec.model), 'spec.runtimeRef', 'its model: ')
  for (const name of PROXIES) {
    const url = variables.get(name)
    add(withScheme(url), 'spec.runtimeRef', `its variable ${name}: `, url === proxy.http || url === proxy.https)
  }
  for (const { name, spec } of repositories)
    add(`https://${spec.host}`, 'spec.repositoryRefs', `Repository "${name}": `)
  for (const { source, user } of contexts) add(source.git?.repository ?? source.url?.url, user.path, user.says)
  for (const { name, spec } of skills) add(repositoryOf(spec.repo), 'spec.skillRefs', `AgentSkill "${name}": `)
  for (const { name, spec } of mcpServers) add(spec.url, 'spec.mcpServerRefs', `McpServer "${name}": `)
  return destinations
}

/** How a message about an entry of the AgentRuntime's egress begins. */
export const saysEgress = ({ spec }: NamedAgentJob, index: number): string =>
  `egress.to[${index}] of AgentRuntime "${spec.runtimeRef}": `

/** The hosts that an AgentRuntime asks for. */
export function hostsOf(
  { hosts = [], ports }: EgressDestination,
  namespace: string,
  user: Destination['user'],
): Destination[] {
  const opened = ports ? portsOf(ports) : [{ protocol: 'TCP', port: 443 }]
  return hosts.map((host) => ({ place: placeOfPattern(host, namespace), ports: opened, user }))
}

/** Ports with the protocol that is assumed, as the API server would fill it in. */
export const portsOf = (ports: NonNullable<EgressDestination['ports']>): Port[] =>
  ports.map(({ protocol = 'TCP', ...rest }) => ({ protocol, ...rest }))

/** Host and port of a URL, or of Git's short form of one; undefined where there is none. */
function targetOf(url: string): { host: string; port: number } | undefined {
  const [, short] = /^\w[-\w.]*@(\w[-\w.]*):/.exec(url) ?? []
  if (short !== undefined) return { host: short, port: 22 }
  if (!URL.canParse(url)) return undefined
  // of protocols that the standard for URLs does not know it takes a host as it stands
  const { protocol, host, hostname, port } = new URL(url)
  const known = PORTS[protocol]
  return host === '' || (known === undefined && port === '')
    ? undefined
    : { host: hostname, port: port === '' ? (known as number) : Number(port) }
}

const withScheme = (proxy: string | undefined) =>
  proxy === undefined || proxy === '' ? undefined : proxy.includes('://') ? proxy : `http://${proxy}`

const repositoryOf = (repo: string) => (/^[\w][-\w.]*\/[-\w.]+$/.test(repo) ? `https://github.com/${repo}.git` : repo)

type Env = { name: string; value?: string; valueFrom?: unknown }[]

/** The variables of the pod's agent; of what does not stand in plain text, the names alone. */
function variablesOf({ template }: RenderedPod): Variables {
  const agent = template.spec.containers.find(({ name }) => name === AGENT_CONTAINER) as { env?: Env } | undefined
  return new Map(
    agent?.env?.map(({ name, value, valueFrom }) => [name, valueFrom === undefined ? (value ?? '') : undefined]),
  )
}
