import { fieldPath } from '../../api/finding.ts'
import { allowed, type Fields, isFields, type Refuse } from './shape.ts'

interface Rule {
  ok(value: unknown): boolean
  /** What would be right. */
  message: string
}

const isId = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31

const BOTH: Record<string, Rule> = {
  runAsNonRoot: { ok: (value) => value === true, message: 'must be true; an agent never runs as root' },
  runAsUser: { ok: isId, message: 'must be the number of a user other than 0; an agent never runs as root' },
  runAsGroup: { ok: isId, message: 'must be the number of a group other than 0; an agent is never in the group root' },
  seccompProfile: {
    ok: isProfile,
    message: 'must be {type: RuntimeDefault} or {type: Localhost, localhostProfile: …}',
  },
}

const OF_PODS: Record<string, Rule> = {
  ...BOTH,
  fsGroup: { ok: isId, message: 'must be the number of a group other than 0; an agent is never in the group root' },
  fsGroupChangePolicy: {
    ok: (value) => value === 'OnRootMismatch' || value === 'Always',
    message: 'must be OnRootMismatch or Always',
  },
  supplementalGroups: {
    ok: (value) => Array.isArray(value) && value.every(isId),
    message: 'must be a list of numbers of groups, without 0; an agent is never in the group root',
  },
}

const OF_CONTAINERS: Record<string, Rule> = {
  ...BOTH,
  allowPrivilegeEscalation: { ok: (value) => value === false, message: 'must be false' },
  capabilities: { ok: addsNone, message: 'cannot add capabilities; all of them are dropped' },
  privileged: { ok: (value) => value === false, message: 'must be false; an agent is never privileged' },
  readOnlyRootFilesystem: {
    ok: (value) => value === true,
    message: 'must be true; mount an emptyDir where the program writes',
  },
}

/** Merges a securityContext of a podTemplate into ours; whatever would be weaker than the hardening is refused. */
export function mergeSecurityContext(
  of: 'pod' | 'container',
  ours: Fields,
  given: Fields,
  path: string,
  refuse: Refuse,
): Fields {
  const rules = of === 'pod' ? OF_PODS : OF_CONTAINERS
  for (const [key, value] of Object.entries(given)) {
    const at = fieldPath([key], path)
    if (!allowed(key, rules, {}, at, refuse)) continue
    const { ok, message } = rules[key] as Rule
    if (!ok(value)) refuse(at, message)
  }
  // fewer to drop than all of them is no wish that could be granted
  const { capabilities: _, ...rest } = given
  return { ...ours, ...rest }
}

function isProfile(value: unknown): boolean {
  if (!isFields(value)) return false
  const { type, localhostProfile, ...others } = value
  if (Object.keys(others).length) return false
  return type === 'RuntimeDefault'
    ? localhostProfile === undefined
    : type === 'Localhost' && typeof localhostProfile === 'string'
}

function addsNone(value: unknown): boolean {
  if (!isFields(value)) return false
  const { add, drop, ...others } = value
  const none = add === undefined || (Array.isArray(add) && add.length === 0)
  return none && (drop === undefined || Array.isArray(drop)) && Object.keys(others).length === 0
}
