import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Fields } from '../api/isfields.ts'
import { trimmed } from '../api/paths.ts'
import { asItIs } from '../dialects/start.ts'
import { TOKEN } from './fetch.ts'
import type { Mount } from './files.ts'
import { OUTPUTS_CONTAINER } from './names.ts'
import type { PodTemplate } from './podtemplate/overlay.ts'

/** Bytes of a termination message that the kubelet keeps of a container, and of all containers of a pod together. */
const OF_CONTAINER = 4096
const OF_POD = 12288

/**
 * Waits for the end of the agent, after which a sidecar gets SIGTERM, and writes what stands in the files into its
 * termination message. The same text for everybody; POSIX sh, sleep and head.
 *
 *     BYTES SHARE (NAME PATH =DEFAULT-OR-NOTHING)…
 *
 * The message is, of each file, `NAME`, `+` where it is cut, a newline, the text, NUL: no shell has a NUL in a text.
 * Each may take its share of the bytes, and what those before it have left over. A pipe or a device is no file, because
 * reading one may take for ever.
 */
const SCRIPT = `for p in head sleep; do command -v "$p" >/dev/null || { echo "there is no $p" >&2; exit 1; }; done
left=$1
share=$2
shift 2
LC_ALL=C
collect() {
  while [ "$#" -gt 0 ]; do
    name=$1
    file=$2
    default=$3
    cut=
    shift 3
    most=$((left - share * ($# / 3) - \${#name} - 3))
    [ "$most" -gt 0 ] || most=0
    if [ -f "$file" ] && [ -r "$file" ]; then
      text=$(head -c "$((most + 1))" "$file")
    elif [ -n "$default" ]; then
      text=\${default#=}
    else
      echo "output $name: there is no file $file" >&2
      continue
    fi
    if [ "\${#text}" -gt "$most" ]; then
      echo "output $name: cut after $most bytes" >&2
      cut=+
      text=$(printf "%.\${most}s" "$text")
    fi
    printf '%s%s\\n%s\\000' "$name" "$cut" "$text"
    left=$((left - \${#name} - \${#cut} - \${#text} - 2))
  done
}
trap 'kill "$nap"; collect "$@" > /dev/termination-log; exit 0' TERM INT QUIT
while :; do
  sleep 86400 &
  nap=$!
  wait "$nap"
done
`

/** Volumes of ours that an agent writes to. */
const WRITABLE = ['workspace', 'home', 'tmp', 'data']

/** Enough, with as much to spare. Limits are requests, so that a pod of class Guaranteed stays one; none where the agent has none. */
const RESOURCES = { cpu: '50m', memory: '32Mi' }

/** A pod with what reads the outputs of its agent, a sidecar: it starts after everything else that comes before the agent. */
export function withOutputs(template: PodTemplate, { outputs, workspaceDir }: AgentRuntimeSpec): PodTemplate {
  if (!outputs?.length) return template
  const { spec } = template
  const [agent] = spec.containers as [Fields, ...Fields[]]
  const others = (spec.initContainers ?? []).filter(({ name }) => name !== OUTPUTS_CONTAINER)
  const bytes = Math.min(OF_CONTAINER, Math.floor(OF_POD / (spec.containers.length + others.length + 1)))
  const folder = trimmed(workspaceDir)
  const files = outputs.flatMap(({ name, path, default: otherwise }) => [
    name,
    path.startsWith('/') ? path : `${folder}/${path}`,
    otherwise === undefined ? '' : `=${otherwise}`,
  ])
  const container: Fields = {
    name: OUTPUTS_CONTAINER,
    image: agent.image,
    ...(agent.imagePullPolicy === undefined ? {} : { imagePullPolicy: agent.imagePullPolicy }),
    command: ['sh', '-c', asItIs(SCRIPT), OUTPUTS_CONTAINER],
    args: [String(bytes), String(Math.floor(bytes / outputs.length)), ...files].map(asItIs),
    restartPolicy: 'Always',
    ...(agent.resources === undefined ? {} : { resources: { limits: RESOURCES, requests: RESOURCES } }),
    securityContext: agent.securityContext,
    volumeMounts: mountsOf(agent.volumeMounts as Mount[], folder),
  }
  return { ...template, spec: { ...spec, initContainers: [...others, container] } }
}

/**
 * The workspace and what of ours lies in it: whatever a path or a link leads to, there is no credential. Read-only, but
 * for what holds another one: the place of that has to be made first, which the container runtime does.
 */
function mountsOf(mounts: Mount[], folder: string): Mount[] {
  const own = mounts.filter(
    ({ name, mountPath, subPathExpr }) =>
      WRITABLE.includes(name) && subPathExpr === undefined && `${mountPath}/`.startsWith(`${folder}/`),
  )
  const workspace = own.filter(({ mountPath }) => mountPath === folder)
  // in the place of the API token that the agent may have: where something is mounted, Kubernetes mounts none
  const masks = workspace.map(({ name }) => ({ name, mountPath: TOKEN }))
  const all = [...own, ...masks]
  return all.map((mount) => {
    const holdsAnother = all.some(({ mountPath }) => mountPath.startsWith(`${mount.mountPath}/`))
    return holdsAnother ? mount : { ...mount, readOnly: true as const }
  })
}
