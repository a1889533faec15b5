import { type Fields, isFields } from '../../api/isfields.ts'
import type { Fates } from '../fates.ts'
import type { Around, ForeignKind, Named } from '../foreign.ts'
import { METADATA, OF_CONTROLLER } from '../metadata.ts'
import type { Reader } from '../reader.ts'
import { isOpenCode } from './group.ts'

const OF_INSTALLATION = 'is a setting of the installation; see the settings of the operator'
const NO_SESSIONS = 'there are no sessions that outlive a run; persist of an AgentJob keeps a volume between its runs'
const WRITTEN =
  'is written into each AgentJob that comes out for its namespace; it takes the Job, its pod and its log away, and the AgentJob stays; at most a year'

/** The fields of KubeTaskConfig and KubeOpenCodeConfig. */
const CONFIG: Fates = {
  ...METADATA,
  'spec.taskLifecycle.ttlSecondsAfterFinished': {
    to: 'AgentJob spec.ttlSecondsAfterFinished',
    note: `${WRITTEN}; 0 is for ever there, and a year here`,
  },
  'spec.cleanup.ttlSecondsAfterFinished': { to: 'AgentJob spec.ttlSecondsAfterFinished', note: WRITTEN },
  'spec.cleanup.maxRetainedTasks': {
    dropped: 'an AgentJob stays until somebody deletes it; ttlSecondsAfterFinished takes its Job with pod and log away',
  },
  'spec.agentImagePullPolicy': {
    to: 'AgentRuntime spec.imagePullPolicy',
    note: 'is written into each AgentRuntime of its namespace that comes out',
  },
  'spec.sessionPVC': { dropped: NO_SESSIONS },
  'spec.systemImage': { dropped: OF_INSTALLATION },
  'spec.clusterDomain': { dropped: OF_INSTALLATION },
  'spec.observability': { dropped: 'agents send no traces by themselves; set the variables of their program in env' },
  'spec.proxy': {
    dropped:
      "is pods.proxy of the operator's settings; or write HTTP_PROXY, HTTPS_PROXY and NO_PROXY into env of each AgentRuntime",
  },
  status: { left: OF_CONTROLLER },
}

/** The longest time that our fields take, a year: what stands for ever. */
export const FOREVER = 31_536_000
/** KubeTask's own, a week; KubeOpenCode keeps finished Tasks for ever. */
const TTL = 604_800

/** The spec of the configuration that counts for an object; undefined where there is none in the input. */
export function configOf({ find, all, namespace, group }: Around): Fields | undefined {
  const spec = isOpenCode(group)
    ? (find('KubeOpenCodeConfig', namespace, 'default') ??
      all('KubeOpenCodeConfig').find(({ name }) => name === 'cluster')?.object)
    : find('KubeTaskConfig', namespace, 'default')
  return isFields(spec?.spec) ? spec.spec : undefined
}

/** How many seconds a finished Task is kept, as our Jobs are to be. */
export function ttlOf(around: Around): unknown {
  const { taskLifecycle, cleanup } = configOf(around) ?? {}
  const part = isOpenCode(around.group) ? cleanup : taskLifecycle
  const given = isFields(part) ? part.ttlSecondsAfterFinished : undefined
  if (given === undefined) return isOpenCode(around.group) ? FOREVER : TTL
  const forEver = (given === 0 && !isOpenCode(around.group)) || (typeof given === 'number' && given > FOREVER)
  return forEver ? FOREVER : given
}

/** A configuration becomes no object: what it says goes into others. */
export const config = (kind: 'KubeTaskConfig' | 'KubeOpenCodeConfig'): ForeignKind => ({
  kind,
  fates: CONFIG,
  make(object, around) {
    for (const key of ['apiVersion', 'kind', 'metadata']) object.take(key)
    object.note('', 'becomes no object; what it says is written into others')
    const spec = object.inside('spec')
    if (!spec) return []
    const own = object.peek('spec')
    if (configOf(around) !== own) {
      const read = isOpenCode(around.group) ? 'cluster or default' : 'default'
      object.drop('spec', `is not the one that counts: ${kind} is read where it is called ${read}`)
      return []
    }
    const isFor = ({ namespace }: Named) => configOf({ ...around, namespace }) === own
    const carry = (reader: Reader | undefined, key: string, kinds: string[]) => {
      if (!reader?.has(key)) return
      if (kinds.flatMap(around.all).some(isFor)) reader.take(key)
      else reader.drop(key, `there is no ${kinds[0]} in the input that it is for; convert them together`)
    }
    carry(spec.inside('taskLifecycle'), 'ttlSecondsAfterFinished', ['Task', 'CronTask'])
    carry(spec.inside('cleanup'), 'ttlSecondsAfterFinished', ['Task', 'CronTask'])
    carry(spec, 'agentImagePullPolicy', ['Agent', 'AgentTemplate'])
    return []
  },
})
