import type { AgentJob } from '../api/agentjob.ts'
import { formatFinding } from '../api/finding.ts'
import { GROUP, VERSION } from '../api/kind.ts'
import { kindOf } from '../api/kinds.ts'
import { nearest } from '../api/unknownfields.ts'
import { ApiError } from '../kube/errors.ts'
import type { PartialObjectMetadata } from '../kube/object.ts'
import type { Cluster } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'

/** An object that an AgentJob waits for. */
export interface Absent {
  /** What is said of it, without what follows from that. */
  message: string
  kind: string
  name: string
  /** The library namespace, where it was looked for as well. */
  library?: string
}

/** How an expansion tells of an object that is not there, and in which library it has looked as well. */
const ABSENT = /^.*?there is no (\w+) "([^"]+)" in namespace [a-z0-9-]+(?: or in the library namespace ([a-z0-9-]+))?/

/** The object that a problem of an expansion speaks of; undefined where it is of another sort. */
export function absentIn(problem: string): Absent | undefined {
  const [message, kind, name, library] = ABSENT.exec(problem) ?? []
  return message && kind && name ? { message, kind, name, library } : undefined
}

/** More names than these are no help. */
const MOST = 20

/** A Failure that says what is in the way of an AgentJob, and which objects there are in the place of missing ones. */
export async function inTheWay(cluster: Cluster, { expansion }: AgentJob): Promise<Failure | undefined> {
  const problems = expansion?.problems ?? []
  if (!problems.length) return undefined
  const lines = await Promise.all(
    problems.map(async ({ path, message }) => {
      const absent = absentIn(message)
      if (!absent) return formatFinding({ path, message })
      const told = formatFinding({ path, message: absent.message })
      return `${told}; ${hint(absent.name, await namesOf(cluster, absent))}`
    }),
  )
  const missing = problems.every(({ reason }) => reason === 'ReferenceNotFound')
  return new Failure(lines, missing ? EXIT.notFound : EXIT.failed)
}

function hint(name: string, names: string[] | undefined): string {
  if (names === undefined) return 'create it first'
  const near = nearest(name, names)
  if (near) return `did you mean ${near}?`
  const more = names.length > MOST ? ', …' : ''
  return names.length ? `there is ${names.slice(0, MOST).join(', ')}${more}` : 'there is none yet'
}

/** The names of the objects of a kind that a reference can lead to; undefined where somebody may not know them. */
async function namesOf({ client, namespace }: Cluster, { kind, library }: Absent): Promise<string[] | undefined> {
  const definition = kindOf(kind)
  if (!definition) return undefined
  const type = { group: GROUP, version: VERSION, kind, plural: definition.plural, namespaced: true }
  const lists = [namespace, ...(library ? [library] : [])].map(async (at) => {
    try {
      const { items } = await client.list<PartialObjectMetadata>(type, { namespace: at })
      return items.map(({ metadata }) => metadata.name ?? '')
    } catch (error) {
      if (error instanceof ApiError) return undefined
      throw error
    }
  })
  const known = (await Promise.all(lists)).filter((names) => names !== undefined)
  return known.length ? [...new Set(known.flat())].sort() : undefined
}
