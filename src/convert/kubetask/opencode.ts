import { type Fields, isFields } from '../../api/isfields.ts'
import type { Around } from '../foreign.ts'
import type { Reader } from '../reader.ts'
import { isOpenCode } from './group.ts'

/*
 * What KubeOpenCode's controller adds to the pods of every Agent, and ours does not: internal/controller/pod_builder.go
 * of https://github.com/kubeopencode/kubeopencode.
 */

const CONFIG_PATH = '/tools/opencode.json'
const COMMAND = ['sh', '-c', '/tools/opencode run "$(cat ${WORKSPACE_DIR}/task.md)"']

/** The command; KubeOpenCode's own where it is left out. */
export function commandOf(spec: Reader, { group }: Around): unknown {
  if (spec.has('command') || !isOpenCode(group)) return spec.take('command')
  spec.note('', `has no command; KubeOpenCode's is written, which needs /tools/opencode in the image`)
  return COMMAND
}

/** The configuration of OpenCode as a context; none where there is none. */
export function configContext(spec: Reader): Fields[] {
  if (!spec.has('config')) return []
  const config = spec.take('config')
  const content = isFields(config) ? JSON.stringify(config, null, 2) : config
  return [{ type: 'Inline', inline: { content }, mountPath: CONFIG_PATH }]
}

/** Environment variables: those of the pod, and those that KubeOpenCode sets. */
export function environmentOf(spec: Reader, podSpec: Reader | undefined, { group }: Around): unknown {
  const extra = podSpec?.take('extraEnv')
  if (extra !== undefined && !Array.isArray(extra)) return extra
  const given = (extra ?? []) as unknown[]
  const own: Fields[] = []
  if (spec.has('config')) own.push({ name: 'OPENCODE_CONFIG', value: CONFIG_PATH })
  if (isOpenCode(group)) own.push({ name: 'OPENCODE_PERMISSION', value: '{"*":"allow"}' })
  const names = new Set(given.map((one) => (isFields(one) ? one.name : undefined)))
  const missing = own.filter(({ name }) => !names.has(name))
  if (missing.some(({ name }) => name === 'OPENCODE_PERMISSION'))
    spec.note('', 'OPENCODE_PERMISSION is written into env, as KubeOpenCode sets it: every tool is allowed')
  const env = [...missing, ...given]
  return env.length ? env : undefined
}
