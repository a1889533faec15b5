import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Fields } from '../api/isfields.ts'
import { trimmed } from '../api/paths.ts'
import { asItIs } from '../dialects/start.ts'
import type { Mount } from './files.ts'
import type { NamedAgentJob } from './input.ts'
import { PRECHECK_CONTAINER } from './names.ts'
import type { PodTemplate } from './podtemplate/overlay.ts'
import type { ContextBlock } from './taskmd.ts'

/** Folder of the container in which the answer of a precheck lies. */
export const precheckFolder = ({ configPath }: AgentRuntimeSpec): string =>
  `${trimmed(configPath)}/${PRECHECK_CONTAINER}`

/** The file with what a precheck has printed. */
const FILE = 'output.txt'

/** How an agent is told of it. */
export const precheckBlock = (runtime: AgentRuntimeSpec): ContextBlock & { path: string } => ({
  type: 'Precheck',
  path: `${precheckFolder(runtime)}/${FILE}`,
})

/** Where the agent finds it. */
export const precheckMount = (runtime: AgentRuntimeSpec): Mount => ({
  name: PRECHECK_CONTAINER,
  mountPath: precheckFolder(runtime),
  readOnly: true,
})

/**
 * `$1` folder for the output, `$2` folder to work in, then the command. What it prints goes into a file and, as it comes,
 * into the log, whose end the kubelet keeps as its last words. SIGTERM is passed on, and what is exited with then is never
 * taken for an answer.
 */
const SCRIPT = `set -u
output=$1/${FILE}
pipe=$1/.pipe
cd "$2" || exit 2
shift 2
rm -f "$pipe"
mkfifo "$pipe" || exit 2
tee "$output" < "$pipe" &
"$@" > "$pipe" &
asked=$!
trap 'kill -TERM "$asked"; wait "$asked"; exit 143' TERM
wait "$asked"
code=$?
wait
rm -f "$pipe"
exit "$code"
`

/** What a precheck has of the agent's container, as a podTemplate leaves that: the same rights and never more. */
const SHARED = ['env', 'envFrom', 'resources', 'securityContext', 'terminationMessagePolicy', 'volumeDevices']

/** A pod with its precheck as the last thing before the agent. */
export function withPrecheck(template: PodTemplate, { spec }: NamedAgentJob, runtime: AgentRuntimeSpec): PodTemplate {
  if (!spec.precheck) return template
  const [agent] = template.spec.containers as [Fields, ...Fields[]]
  const { command, image } = spec.precheck
  const container: Fields = {
    name: PRECHECK_CONTAINER,
    image: image ?? runtime.image,
    ...(image === undefined && runtime.imagePullPolicy ? { imagePullPolicy: runtime.imagePullPolicy } : {}),
    command: ['sh', '-c', asItIs(SCRIPT), PRECHECK_CONTAINER],
    // in its own command Kubernetes fills in variables, as in every container's
    args: [...[precheckFolder(runtime), trimmed(runtime.workspaceDir)].map(asItIs), ...command],
    ...Object.fromEntries(SHARED.filter((field) => agent[field] !== undefined).map((field) => [field, agent[field]])),
    volumeMounts: (agent.volumeMounts as Mount[]).map(writable),
  }
  const others = (template.spec.initContainers ?? []).filter(({ name }) => name !== PRECHECK_CONTAINER)
  return { ...template, spec: { ...template.spec, initContainers: [...others, container] } }
}

/** The place of its output, which the agent only reads. */
const writable = (mount: Mount): Mount =>
  mount.name === PRECHECK_CONTAINER ? { name: mount.name, mountPath: mount.mountPath } : mount
