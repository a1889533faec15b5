import type { Fields } from '../../api/isfields.ts'
import { reservedKey } from '../../api/podmetadata.ts'
import type { Around, ForeignKind } from '../foreign.ts'
import { ours } from '../metadata.ts'
import { defined, members, type Reader } from '../reader.ts'
import { AGENT } from './agentfates.ts'
import { configOf } from './config.ts'
import { contextsOf, workspaceOf } from './contexts.ts'
import { credentialsOf } from './credentials.ts'
import { isOpenCode, OWN_KEYS } from './group.ts'
import { commandOf, configContext, environmentOf } from './opencode.ts'

const IMAGE = 'quay.io/kubetask/kubetask-agent-gemini:latest'
const OPENCODE_IMAGE = 'quay.io/kubeopencode/kubeopencode-agent-devbox:latest'

/** An Agent, or an AgentTemplate, becomes an AgentRuntime whose program is told what to do in task.md. */
export const agent = (kind: 'Agent' | 'AgentTemplate'): ForeignKind => ({
  kind,
  becomes: 'AgentRuntime',
  fates: AGENT,
  make(object, around) {
    const spec = object.inside('spec')
    return [ours('AgentRuntime', object, spec?.made(runtimeSpec(spec, around)), OWN_KEYS)]
  },
})

function runtimeSpec(spec: Reader, around: Around): Fields {
  spec.note('', HARDENED)
  const podSpec = spec.inside('podSpec')
  const scheduling = podSpec?.inside('scheduling')
  const workspace = workspaceOf({ spec: { workspaceDir: spec.peek('workspaceDir') } })
  const contexts = [...(contextsOf(spec, around, workspace) ?? []), ...configContext(spec)]
  const limit = spec.take('maxConcurrentTasks')
  return defined({
    image: imageOf(spec, around),
    imagePullPolicy: configOf(around)?.agentImagePullPolicy ?? 'IfNotPresent',
    ...members(spec, ['imagePullSecrets']),
    dialect: 'task-md',
    command: commandOf(spec, around),
    ...members(spec, ['workspaceDir']),
    contexts: contexts.length ? contexts : undefined,
    credentials: credentialsOf(spec),
    env: environmentOf(spec, podSpec, around),
    ...members(podSpec, ['resources', 'runtimeClassName']),
    ...members(spec, ['serviceAccountName']),
    podLabels: podLabelsOf(podSpec?.inside('labels')),
    scheduling: scheduling && members(scheduling, ['nodeSelector', 'tolerations', 'affinity']),
    maxConcurrentRuns: limit === 0 ? undefined : limit,
  })
}

const HARDENED =
  'the pods run as user 65532 with a read-only root file system and HOME=/home/agent, not as the user of the image with HOME=/tmp; imagePullPolicy: IfNotPresent, as in KubeTask, and dialect: task-md are written'

function podLabelsOf(labels: Reader | undefined): Fields | undefined {
  const entries = (labels?.keys() ?? []).flatMap((key): [string, unknown][] => {
    const reserved = reservedKey(key)
    if (reserved === undefined) return [[key, labels?.take(key)]]
    labels?.drop(key, `${reserved}; give it another key, and select by that`)
    return []
  })
  return entries.length ? Object.fromEntries(entries) : undefined
}

/** The image that runs: in KubeOpenCode agentImage only brings the program along, as soon as there is an executorImage. */
function imageOf(spec: Reader, { group }: Around): unknown {
  if (spec.has('executorImage')) {
    if (spec.has('agentImage'))
      spec.drop(
        'agentImage',
        'is copied from at start, which nothing does here; take an executorImage that has OpenCode in it',
      )
    return spec.take('executorImage')
  }
  if (spec.has('agentImage')) {
    if (isOpenCode(group)) spec.note('agentImage', AMBIGUOUS)
    return spec.take('agentImage')
  }
  const image = isOpenCode(group) ? OPENCODE_IMAGE : IMAGE
  spec.note('', `names no image; ${image} is written, which is the default there`)
  return image
}

const AMBIGUOUS =
  'is taken for the image that runs; where your KubeOpenCode copies OpenCode out of it into an executorImage, write an image that has both'
