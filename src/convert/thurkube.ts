import { type Fields, isFields } from '../api/isfields.ts'
import type { Fates } from './fates.ts'
import type { Around, ForeignKind, Peer } from './foreign.ts'
import { type OwnKeys, ours } from './metadata.ts'
import { defined, members, type Reader } from './reader.ts'
import { shown } from './shown.ts'
import {
  AGENT_AUTH,
  AGENT_JOB,
  AGENT_ROLE,
  AGENT_RUNTIME,
  AGENT_SKILL,
  CLUSTER_ACCESS,
  MCP_SERVER,
  REPOSITORY,
} from './thurkubefates.ts'

/*
 * thurkube's kinds have our names and, but for a few differences, our fields: https://github.com/Thurbeen/thurkube,
 * charts/thurkube/templates/crds. What its controller makes of them stands in src/controller/build.rs.
 */

const GROUP = 'thurkube.thurbeen.eu'
const OWN_KEYS: OwnKeys = { isOwn: (key) => key.startsWith(`${GROUP}/`), asks: {} }

/** A kind that becomes ours of the same name; `change` gives what is to be added to or set in its spec. */
function sameKind(
  kind: string,
  fates: Fates,
  change: (spec: Reader, around: Around, object: Reader) => Fields = () => ({}),
): ForeignKind {
  const fields = Object.keys(fates).flatMap((row) => /^spec\.(\w+)/.exec(row)?.[1] ?? [])
  return {
    kind,
    becomes: kind,
    fates,
    make(object, around) {
      const spec = object.inside('spec')
      const changed = spec ? change(spec, around, object) : {}
      const taken = members(
        spec,
        fields.filter((field) => !Object.hasOwn(changed, field)),
      )
      const made = spec?.made(defined({ ...taken, ...changed }))
      return [ours(kind, object, made, OWN_KEYS)]
    },
  }
}

function agentJob(spec: Reader, around: Around, object: Reader): Fields {
  if (spec.has('persist') && spec.take('persist') === true)
    spec.note('persist', 'the volume is a new one; copy what is on the old one before its AgentJob is deleted')
  if (spec.take('suspend') === true)
    spec.note('suspend', 'leaves running pods alone, which thurkube deletes; agentjob stop ends a run')
  noteOfToken(spec, around)
  if (spec.has('schedule')) return {}
  const changes: Fields = { redeploy: 'OnChange' }
  spec.note(
    '',
    'runs once: redeploy: OnChange is written, because a change of what it refers to runs it again, as in thurkube; a change of the image does so too',
  )
  const status = object.peek('status')
  // thurkube knows of no end: what was started stays Running
  if (!isFields(status) || !['Running', 'Succeeded', 'Failed'].includes(shown(status.phase))) return changes
  spec.note('', STARTED)
  return { ...changes, suspend: true }
}

const STARTED =
  'was started already, says its status.phase; suspend: true is written, so that it does not run again: set it to false to run it once more'

/** In thurkube the token comes last, and wins over a variable of the same name. */
function noteOfToken(spec: Reader, { find, namespace }: Around): void {
  const runtime = find('AgentRuntime', namespace, shown(spec.take('runtimeRef')))?.spec
  const variable = isFields(runtime) ? runtime.authEnvVar : undefined
  for (const entry of spec.each('env'))
    if (typeof variable === 'string' && entry.take('name') === variable)
      entry.note('name', 'wins over the token of the AgentAuth; in thurkube the token won; remove one of them')
}

function mcpServer(spec: Reader): Fields {
  if (!spec.has('url') || spec.has('command') || !spec.has('args')) return {}
  spec.drop('args', 'go with a command, not with a url; a remote server takes headers')
  return { args: undefined }
}

/** thurkube, with its eight kinds. */
export const thurkube: Peer = {
  name: 'thurkube',
  groups: [GROUP],
  versions: ['v1alpha1'],
  kinds: [
    sameKind('AgentRuntime', AGENT_RUNTIME),
    sameKind('AgentAuth', AGENT_AUTH),
    sameKind('AgentRole', AGENT_ROLE),
    sameKind('AgentSkill', AGENT_SKILL),
    sameKind('McpServer', MCP_SERVER, mcpServer),
    sameKind('Repository', REPOSITORY),
    sameKind('ClusterAccess', CLUSTER_ACCESS, () => ({ scope: 'Cluster' })),
    sameKind('AgentJob', AGENT_JOB, agentJob),
  ],
}
