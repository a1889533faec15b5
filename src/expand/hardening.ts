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
