import type { ContextSpec } from '../api/context.ts'
import type { Fields } from '../api/isfields.ts'
import { containerSecurityContext } from './hardening.ts'
import type { Settings } from './settings.ts'

/** Init containers that put something into a volume, and where in that volume it is. */
export interface Fetch {
  containers: Fields[]
  /** Of the volume that is named like the first container. */
  subPath: string
  volumes: { name: string; [source: string]: unknown }[]
}

/** Scratch space of what fetches; the agent never sees it. */
export const SCRATCH = { name: 'fetch-tmp', emptyDir: {} }
const ROOT = '/fetched'
const SECRETS = '/etc/git-secret'
/** Where Kubernetes mounts an API token. */
export const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount'
/** User of git-sync's image: ssh looks its user up in /etc/passwd. */
const GIT_SYNC_UID = 65533

const container = (name: string, image: string, more: Fields, user?: number): Fields => ({
  name,
  image,
  ...more,
  securityContext: { ...containerSecurityContext(), ...(user === undefined ? {} : { runAsUser: user }) },
  terminationMessagePolicy: 'FallbackToLogsOnError',
})

const mounts = (name: string) => [
  { name, mountPath: ROOT },
  { name: SCRATCH.name, mountPath: '/tmp' },
  // in the place of the API token that the agent may have: where something is mounted, Kubernetes mounts none
  { name: SCRATCH.name, mountPath: TOKEN, readOnly: true as const },
]

/** A text as it is, where Kubernetes would put variables: https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/ */
export const literal = (text: string): string => text.replaceAll('$', '$$$$')

/**
 * A clone by git-sync, once: https://github.com/kubernetes/git-sync#manual. It checks out into a folder named by the
 * commit, which the link `tree` leads to.
 */
export function gitFetch(name: string, git: NonNullable<ContextSpec['git']>, settings: Settings): Fetch {
  const { repository, ref = 'HEAD', depth = 1, path, secretRef } = git
  const image = settings.images.git
  const secret = secretRef && { name: `${name}-secret`, secret: { secretName: secretRef.name, defaultMode: 0o440 } }
  const env = [
    { name: 'HOME', value: '/tmp' },
    { name: 'GITSYNC_REPO', value: literal(repository) },
    { name: 'GITSYNC_REF', value: literal(ref) },
    { name: 'GITSYNC_DEPTH', value: String(depth) },
    { name: 'GITSYNC_ROOT', value: `${ROOT}/git` },
    { name: 'GITSYNC_LINK', value: 'tree' },
    { name: 'GITSYNC_ONE_TIME', value: 'true' },
    ...(secretRef ? credentials(repository, secretRef.name) : []),
  ]
  const volumeMounts = [
    ...mounts(name),
    ...(secret ? [{ name: secret.name, mountPath: SECRETS, readOnly: true as const }] : []),
  ]
  return {
    containers: [
      container(name, image, { env, volumeMounts }, GIT_SYNC_UID),
      ...(path === undefined ? [] : [pathCheck(name, image, path)]),
    ],
    subPath: path === undefined ? 'git/tree' : `git/tree/${path}`,
    volumes: [{ name, emptyDir: {} }, ...(secret ? [secret] : [])],
  }
}

const credentials = (repository: string, secret: string) =>
  /^https?:/.test(repository)
    ? [
        { name: 'GITSYNC_USERNAME', valueFrom: { secretKeyRef: { name: secret, key: 'username' } } },
        { name: 'GITSYNC_PASSWORD_FILE', value: `${SECRETS}/password` },
      ]
    : [
        { name: 'GITSYNC_SSH_KEY_FILE', value: `${SECRETS}/ssh-privatekey` },
        { name: 'GITSYNC_SSH_KNOWN_HOSTS_FILE', value: `${SECRETS}/known_hosts` },
      ]

/** A further container of git-sync's image and user, over what it has cloned into the volume `of`. */
export const fetchContainer = (name: string, image: string, of: string, more: Fields): Fields =>
  container(name, image, { ...more, volumeMounts: mounts(of) }, GIT_SYNC_UID)

/** The kubelet would make an empty folder of a path that is not there. */
const pathCheck = (name: string, image: string, path: string): Fields =>
  container(
    `${name}-check`,
    image,
    {
      command: ['sh', '-c', CHECK, 'check', literal(path)],
      volumeMounts: mounts(name).map((mount) => ({ ...mount, readOnly: true })),
    },
    GIT_SYNC_UID,
  )
const CHECK = `[ -e ${ROOT}/git/tree/"$1" ] || { echo "there is no $1 in the repository" >&2; exit 1; }`

/** More than that is no context. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** `$1` URL, `$2` SHA-256 sum or nothing, `$3` mode or nothing: what users write is never part of a script. */
const SCRIPT = `set -eu
file=${ROOT}/file
curl --fail --silent --show-error --location --globoff --proto '=http,https' --retry 3 --connect-timeout 20 --max-time 300 --max-filesize ${MAX_FILE_BYTES} --output "$file" "$1"
if [ -n "$2" ]; then
  sum=$(sha256sum "$file")
  if [ "\${sum%% *}" != "$2" ]; then
    echo "the SHA-256 sum of $1 is \${sum%% *}, not $2" >&2
    exit 1
  fi
fi
if [ -n "$3" ]; then chmod "$3" "$file"; fi`

/** One file, by curl: https://curl.se/docs/manpage.html */
export function urlFetch(
  name: string,
  { url, sha256 = '' }: NonNullable<ContextSpec['url']>,
  fileMode: number | undefined,
  settings: Settings,
): Fetch {
  const args = [literal(url), sha256, fileMode === undefined ? '' : fileMode.toString(8).padStart(4, '0')]
  return {
    containers: [
      container(name, settings.images.url, {
        command: ['sh', '-c', SCRIPT, 'fetch', ...args],
        env: [{ name: 'HOME', value: '/tmp' }],
        volumeMounts: mounts(name),
      }),
    ],
    subPath: 'file',
    volumes: [{ name, emptyDir: {} }],
  }
}
