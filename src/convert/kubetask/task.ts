import { isFields } from '../../api/isfields.ts'
import type { ForeignKind } from '../foreign.ts'
import { ours } from '../metadata.ts'
import type { Reader } from '../reader.ts'
import { shown } from '../shown.ts'
import { GROUPS, OWN_KEYS, STOPS } from './group.ts'
import { jobSpec } from './jobspec.ts'
import { TASK } from './taskfates.ts'

/** A Task becomes an AgentJob that runs once; one that has run, or is running, is suspended. */
export const task: ForeignKind = {
  kind: 'Task',
  becomes: 'AgentJob',
  fates: TASK,
  make(object, around) {
    if (isRunOfAnother(object)) return []
    const spec = object.inside('spec')
    const made = spec?.made(jobSpec(spec, around))
    const why = whySuspended(object)
    if (made && why) {
      made.suspend = true
      object.note(
        '',
        `${why}; suspend: true is written, so that it does not run here: set it to false to run it once more`,
      )
    }
    return [ours('AgentJob', object, made, OWN_KEYS)]
  },
}

const ENDED = ['Completed', 'Failed']

function phaseOf(object: Reader): unknown {
  const status = object.peek('status')
  return isFields(status) ? status.phase : undefined
}

/** Why a Task must not run here; undefined where it must. */
function whySuspended(object: Reader): string | undefined {
  const phase = phaseOf(object)
  if (ENDED.includes(shown(phase))) return `has ended already (${shown(phase)})`
  if (phase === 'Running') return 'is running already'
  const metadata = object.peek('metadata')
  const annotations = isFields(metadata) && isFields(metadata.annotations) ? metadata.annotations : {}
  return STOPS.some((key) => annotations[key] === 'true') ? 'was stopped by an annotation' : undefined
}

/** Whether it was made by another object, which is converted by itself or not at all. */
function isRunOfAnother(object: Reader): boolean {
  const metadata = object.peek('metadata')
  const owners = isFields(metadata) && Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences : []
  const owner = owners.find(
    (one) => isFields(one) && one.controller === true && GROUPS.includes(shown(one.apiVersion).split('/')[0] as string),
  )
  if (!isFields(owner)) return false
  const what = `is a run of ${shown(owner.kind)} ${shown(owner.name)}`
  if (owner.kind === 'CronTask') object.leave('', `${what}; the CronTask itself is converted`)
  else if (ENDED.includes(shown(phaseOf(object)))) object.leave('', `${what}, and has ended`)
  else object.drop('', `${what}, which has no counterpart; let it end there, or write an AgentJob`)
  return true
}
