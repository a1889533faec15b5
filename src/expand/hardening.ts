import type { Finding } from '../api/finding.ts'

/** User and group of every agent: "nonroot" of the distroless images, and thurkube's. */
export const AGENT_UID = 65532

/** Pod Security "restricted": https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const podSecurityContext = () => ({
  runAsNonRoot: true,
  runAsUser: AGENT_UID,
  runAsGroup: AGENT_UID,
  fsGroup: AGENT_UID,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
})

/** The same for a container, and a root file system that is read-only. */
export const containerSecurityContext = () => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
})

type Fields = Record<string, unknown>

/** What a securityContext of a podTemplate may say: nothing that is weaker than the hardening. */
export function weakenings(context: Fields, path: string): Finding[] {
  const findings: Finding[] = []
  const refuse = (field: string, message: string) => findings.push({ path: `${path}.${field}`, message })
  for (const [field, value] of Object.entries(context)) {
    const rule = Object.hasOwn(RULES, field) ? RULES[field] : undefined
    if (!rule)
      refuse(field, `cannot be set; an agent's pod is hardened (allowed here: ${Object.keys(RULES).join(', ')})`)
    else if (!rule.ok(value)) refuse(field, rule.message)
  }
  return findings
}

const nonRoot = (value: unknown) => typeof value === 'number' && value > 0
const RULES: Record<string, { ok: (value: unknown) => boolean; message: string }> = {
  runAsNonRoot: { ok: (value) => value === true, message: 'must be true; an agent never runs as root' },
  runAsUser: { ok: nonRoot, message: 'must not be 0; an agent never runs as root' },
  runAsGroup: { ok: nonRoot, message: 'must not be 0; an agent never runs with the group root' },
  fsGroup: { ok: nonRoot, message: 'must not be 0; volumes of an agent do not belong to root' },
  fsGroupChangePolicy: {
    ok: (value) => value === 'OnRootMismatch' || value === 'Always',
    message: 'must be OnRootMismatch or Always',
  },
  supplementalGroups: {
    ok: (value) => Array.isArray(value) && value.every(nonRoot),
    message: 'must not hold 0; an agent never runs with the group root',
  },
  allowPrivilegeEscalation: { ok: (value) => value === false, message: 'must be false' },
  privileged: { ok: (value) => value === false, message: 'must be false; an agent is never privileged' },
  readOnlyRootFilesystem: {
    ok: (value) => value === true,
    message: 'must be true; mount an emptyDir where the program writes',
  },
  capabilities: {
    ok: (value) => value !== null && typeof value === 'object' && !('add' in value && (value.add as unknown[])?.length),
    message: 'cannot add capabilities; all of them are dropped',
  },
  seccompProfile: {
    ok: (value) =>
      (value as Fields | null)?.type === 'RuntimeDefault' || (value as Fields | null)?.type === 'Localhost',
    message: 'must be of type RuntimeDefault or Localhost',
  },
}
