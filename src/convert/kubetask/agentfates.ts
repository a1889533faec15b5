import { below, type Fates } from '../fates.ts'
import { METADATA, OF_CONTROLLER } from '../metadata.ts'
import { CONTEXT_ITEM } from './contextfates.ts'
import { CREDENTIAL } from './credentials.ts'

const HARDENED = 'the pods are hardened and alike'
const NO_SERVER = 'nothing here keeps running between two runs'
const IN_POD_TEMPLATE = 'is not a field of an AgentRuntime; podTemplate of an AgentJob takes it'

const POD_SPEC: Fates = {
  labels: { to: 'podLabels', sometimes: 'those that the operator or Kubernetes writes are dropped' },
  runtimeClassName: { to: 'runtimeClassName' },
  resources: { to: 'resources' },
  'scheduling.nodeSelector': { to: 'scheduling.nodeSelector' },
  'scheduling.tolerations': { to: 'scheduling.tolerations' },
  'scheduling.affinity': { to: 'scheduling.affinity' },
  extraEnv: { to: 'env' },
  extraVolumes: { dropped: IN_POD_TEMPLATE },
  extraVolumeMounts: { dropped: IN_POD_TEMPLATE },
  lifecycle: { dropped: `${HARDENED}; do it in the command` },
  podSecurityContext: { dropped: `${HARDENED}: user 65532, no capabilities; build the image for that` },
  securityContext: { dropped: `${HARDENED}: user 65532, no capabilities; build the image for that` },
  systemContainers: { dropped: 'there are no such containers here' },
}

/** The fields of Agent in all generations, and of AgentTemplate. */
export const AGENT: Fates = {
  ...METADATA,
  'spec.agentImage': {
    to: 'spec.image',
    sometimes: "KubeTask's default is written where it is left out; dropped beside an executorImage",
  },
  'spec.executorImage': {
    to: 'spec.image',
    sometimes: "KubeOpenCode's default is written where there is no agentImage either",
  },
  'spec.attachImage': { dropped: `${NO_SERVER}; each run is a pod with the image` },
  'spec.command': { to: 'spec.command', sometimes: "KubeOpenCode's default is written where it is left out" },
  'spec.workspaceDir': { to: 'spec.workspaceDir' },
  'spec.serviceAccountName': {
    to: 'spec.serviceAccountName',
    note: 'its API token is not mounted; for rights at the Kubernetes API write a ClusterAccess and name it in the AgentJobs',
  },
  ...below('spec.contexts[]', CONTEXT_ITEM),
  ...below('spec.credentials[]', CREDENTIAL),
  ...below('spec.podSpec', POD_SPEC, 'spec'),
  'spec.imagePullSecrets': { to: 'spec.imagePullSecrets' },
  'spec.maxConcurrentTasks': { to: 'spec.maxConcurrentRuns', sometimes: '0 is left out: no limit' },
  'spec.humanInTheLoop': {
    dropped: 'humanInTheLoop is a field of each AgentJob: it keeps the container of the agent itself',
  },
  'spec.config': {
    to: 'spec.contexts[].inline.content',
    note: 'becomes a context, at /tools/opencode.json, where OPENCODE_CONFIG looks for it',
  },
  'spec.allowedNamespaces': {
    dropped:
      'an AgentRuntime serves its own namespace; put it into the library namespace to serve all, or copies into some',
  },
  'spec.quota': {
    dropped: 'nothing limits how many runs start in a time; a queue limits how many run (queueName of each AgentJob)',
  },
  'spec.serverConfig': { dropped: NO_SERVER },
  'spec.caBundle': {
    dropped: 'write a credential with a mountPath, and the variable that the program reads it from into env',
  },
  'spec.extraPorts': { dropped: NO_SERVER },
  'spec.persistence': { dropped: 'persist of an AgentJob keeps a volume between its runs, at persistPath' },
  'spec.plugins': { dropped: 'put them into the image, or into the configuration that OPENCODE_CONFIG names' },
  'spec.port': { dropped: NO_SERVER },
  'spec.profile': { dropped: 'is for people; an annotation does the same' },
  'spec.proxy': { dropped: 'write HTTP_PROXY, HTTPS_PROXY and NO_PROXY into env' },
  'spec.share': { dropped: NO_SERVER },
  'spec.skills': {
    dropped: 'make each an AgentSkill and name it in skillRefs of the AgentJobs, where the agent reads agent.json',
  },
  'spec.standby': { dropped: NO_SERVER },
  'spec.suspend': { dropped: 'suspend is a field of each AgentJob' },
  'spec.templateRef': { dropped: 'write what the Agent takes from its AgentTemplate into the AgentRuntime' },
  status: { left: OF_CONTROLLER },
}
