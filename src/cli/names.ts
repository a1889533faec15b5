import { InvalidArgumentError } from 'commander'
import { agentJob } from '../api/agentjob.ts'
import { GROUP } from '../api/kind.ts'

const { plural, singular, shortNames } = agentJob
const TYPES = [...shortNames, singular, plural, `${singular}.${GROUP}`, `${plural}.${GROUP}`]

/** The name of an AgentJob, as it stands or behind its type: `hello`, `aj/hello`, `agentjob.agentjob.io/hello`. */
export function parseName(text: string): string {
  const [type, name, ...more] = text.includes('/') ? text.split('/') : [plural, text]
  if (!name || more.length || !TYPES.includes(String(type).toLowerCase()))
    throw new InvalidArgumentError('It must be the name of an AgentJob, such as hello or aj/hello.')
  return name
}

/** A namespace. Refuses what cannot be the name of one. */
export function parseNamespace(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new InvalidArgumentError('It must be the name of a namespace: lower case letters, digits and "-".')
}
