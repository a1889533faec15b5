import { expect, test } from 'bun:test'
import type { AgentJob } from '../api/agentjob.ts'
import { remedyOf, type Situation, withoutRemedy, withRemedy } from './remedy.ts'

const reference = (kind: string, name: string, hash = 'h') => ({ kind, name, namespace: 'agents', hash })

/** An AgentJob `nightly`, as far as a remedy looks at it. */
const job = (spec: object = {}, references: object[] = []) =>
  ({
    apiVersion: 'agentjob.io/v1alpha1',
    kind: 'AgentJob',
    metadata: { name: 'nightly', namespace: 'agents' },
    spec: { runtimeRef: 'claude-code', ...spec },
    expansion: { references },
  }) as unknown as AgentJob

/** One whose schedule's pods have the CA bundle of the settings. */
const withCaBundle = () => {
  const volumes = [
    { name: 'tmp', emptyDir: {} },
    { name: 'agentjob-ca-bundle', configMap: { name: 'corp-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  ]
  const template = { spec: { volumes } }
  const resources = [{ kind: 'CronJob', spec: { jobTemplate: { spec: { template } } } }]
  return { ...job(), expansion: { references: [], resources } } as unknown as AgentJob
}

const cases: { name: string; given: Omit<Situation, 'job'> & { job?: AgentJob }; want: string | undefined }[] = [
  {
    name: 'a Secret that an AgentAuth names',
    given: {
      job: job({}, [reference('AgentRuntime', 'claude-code'), reference('AgentAuth', 'anthropic')]),
      reason: 'CreateContainerConfigError',
      message: 'secret "claude" not found',
    },
    want: 'create Secret claude, and the pod goes on by itself; or correct its name in AgentRuntime claude-code or AgentAuth anthropic',
  },
  {
    name: 'an image that fetches contexts',
    given: {
      job: {
        ...job(),
        expansion: {
          references: [],
          resources: [
            { spec: { template: { spec: { initContainers: [{ name: 'skill-0', image: 'git-sync:v9' }] } } } },
          ],
        },
      } as unknown as AgentJob,
      reason: 'ErrImagePull',
      message: 'failed to pull and unpack image "git-sync:v9": not found',
    },
    want: "correct images.git or images.url in the operator's settings: the agent's own image is another one",
  },
  ...[
    {
      name: 'the CA bundle of the settings',
      message: 'configmap "corp-ca" not found',
      want: "have ConfigMap corp-ca put into namespace agents, with the CAs to trust under the key ca.crt, and the pod goes on by itself; pods.caBundle of the operator's settings has every pod mount it",
    },
    {
      name: 'its key',
      message: 'configmap references non-existent config key: ca.crt',
      want: "have the key ca.crt added to ConfigMap corp-ca, and the pod goes on by itself; pods.caBundle of the operator's settings has every pod mount it",
    },
    {
      name: 'another ConfigMap beside it',
      message: 'configmap "style" not found',
      want: 'create ConfigMap style, and the pod goes on by itself; or correct its name in an object that the spec refers to',
    },
  ].map(({ name, message, want }) => ({
    name,
    given: { job: withCaBundle(), reason: 'FailedMount', message },
    want,
  })),
  {
    name: 'an image without the shell that reads outputs',
    given: {
      reason: 'RunContainerError',
      message: 'runc create failed: unable to start container process: exec: "sh": executable file not found in $PATH',
    },
    want: 'let the image of AgentRuntime claude-code have sh, sleep and head, or take its outputs away',
  },
  {
    name: 'the same, said otherwise',
    given: {
      reason: 'CrashLoopBackOff',
      message: 'back-off 10s restarting failed container=outputs pod=a-x2k4s_agents(8d1f)',
    },
    want: 'let the image of AgentRuntime claude-code have sh, sleep and head, or take its outputs away',
  },
  {
    name: "a sidecar of the user's own",
    given: {
      reason: 'CrashLoopBackOff',
      jobName: 'nightly-8d1f',
      message: 'back-off 10s restarting failed container=proxy pod=a-x2k4s_agents(8d1f)',
    },
    want: 'its log shows why: "kubectl logs job/nightly-8d1f -c proxy"',
  },
  {
    name: 'a Secret that the spec itself names',
    given: {
      job: job({
        env: [
          { name: 'A', value: 'claude' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 'claude' } } },
        ],
      }),
      reason: 'CreateContainerConfigError',
      message: 'secret "claude" not found',
    },
    want: 'create Secret claude, and the pod goes on by itself; or correct its name in spec.env[1].valueFrom.secretKeyRef.name',
  },
  {
    name: 'a ConfigMap, named nobody knows where',
    given: {
      job: job({}, [reference('AgentAuth', 'gone', ''), reference('AgentRole', 'reader')]),
      reason: 'CreateContainerConfigError',
      message: 'configmap "flags" not found',
    },
    want: 'create ConfigMap flags, and the pod goes on by itself; or correct its name in an object that the spec refers to',
  },
  {
    name: 'a key of a Secret',
    given: { reason: 'CreateContainerConfigError', message: "couldn't find key token in Secret agents/claude" },
    want: 'add the key token to Secret claude, and the pod goes on by itself',
  },
  {
    name: 'a container that is wrong in another way',
    given: { reason: 'CreateContainerConfigError', message: 'container has runAsNonRoot and image will run as root' },
    want: 'mend what it names; the pod goes on by itself',
  },
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'].map((reason) => ({
    name: 'an image',
    given: { reason },
    want: 'correct the image in AgentRuntime claude-code, or its imagePullSecrets, then "agentjob rerun nightly"',
  })),
  {
    name: 'memory that the AgentRuntime gives',
    given: { reason: 'OOMKilled' },
    want: 'raise resources.limits.memory of AgentRuntime claude-code and "agentjob rerun nightly", or set spec.resources',
  },
  {
    name: 'memory that the spec gives',
    given: { job: job({ resources: { limits: { memory: '1Gi' } } }), reason: 'OOMKilled' },
    want: 'raise spec.resources.limits.memory',
  },
  {
    name: 'references that are missing',
    given: {
      reason: 'ReferenceNotFound',
      message:
        'spec.runtimeRef: there is no AgentRuntime "a" in namespace x; nothing runs until there is one; spec.authRef: there is no AgentAuth "b" in namespace x; nothing runs until there is one',
    },
    want: 'create AgentRuntime a and AgentAuth b, or correct the name',
  },
  {
    name: 'a quota',
    given: { reason: 'QuotaExceeded', message: 'the pod is forbidden: exceeded quota: tight, requested: pods=1' },
    want: 'raise ResourceQuota tight or lower resources; it is tried again by itself',
  },
  { name: 'an exit code', given: { reason: 'Error', jobName: 'nightly-1' }, want: '"agentjob logs nightly" shows why' },
  {
    name: 'an exit code of a run of a schedule',
    given: { job: job({ schedule: '@daily' }), reason: 'Error', jobName: 'nightly-1' },
    want: '"agentjob logs nightly --job nightly-1" shows why',
  },
  {
    name: 'an init container of a podTemplate',
    given: {
      reason: 'InitContainerFailed',
      message: 'the agent was not started: container clone exited with code 1',
      jobName: 'nightly-1',
    },
    want: 'its log shows why: "kubectl logs job/nightly-1 -c clone"',
  },
  {
    name: 'the image of a precheck',
    given: {
      job: job({ precheck: { image: 'example.com/tools:1' } }),
      reason: 'ErrImagePull',
      message: 'failed to pull and unpack image "example.com/tools:1": not found',
    },
    want: 'correct spec.precheck.image, or imagePullSecrets of AgentRuntime claude-code, then "agentjob rerun nightly"',
  },
  {
    name: 'the image of an agent that has a precheck',
    given: {
      job: job({ precheck: { image: 'example.com/tools:1' } }),
      reason: 'ErrImagePull',
      message: 'failed to pull and unpack image "example.com/agent:1": not found',
    },
    want: 'correct the image in AgentRuntime claude-code, or its imagePullSecrets, then "agentjob rerun nightly"',
  },
  {
    name: 'a precheck',
    given: {
      reason: 'PrecheckFailed',
      message: 'the precheck failed: container precheck exited with code 3: no token',
      jobName: 'nightly-1',
    },
    want: 'its log shows why: "kubectl logs job/nightly-1 -c precheck"',
  },
  {
    name: 'a precheck in an image without a shell',
    given: {
      reason: 'PrecheckFailed',
      message:
        'the precheck failed: container precheck exited with code 128: failed to start container: exec: "sh": executable file not found in $PATH',
    },
    want: 'let spec.precheck.image name an image that has sh',
  },
  {
    name: 'nothing to do',
    given: { reason: 'PrecheckSkipped', message: 'nothing' },
    want: 'nothing; "agentjob rerun nightly" asks its precheck again',
  },
  {
    name: 'a queue',
    given: { job: job({ queueName: 'agents' }), reason: 'Queued' },
    want: 'wait until there is room in queue agents',
  },
  {
    name: 'a Job that somebody suspended',
    given: { reason: 'Queued' },
    want: 'whoever has suspended the Job has to release it',
  },
  {
    name: 'as many runs as there may be',
    given: { reason: 'ConcurrencyLimit' },
    want: 'wait, or raise maxConcurrentRuns of AgentRuntime claude-code',
  },
  { name: 'a word that nobody knows', given: { reason: 'Mystery' }, want: undefined },
  { name: 'a word of the language', given: { reason: 'constructor' }, want: undefined },
]
test.each(cases)('$name, $given.reason', ({ given, want }) => expect(remedyOf({ job: job(), ...given })).toBe(want))

const LIMIT = 100
const words: { name: string; given: Omit<Situation, 'job'>; want: string | undefined }[] = [
  {
    name: 'a cause and its remedy',
    given: { reason: 'Error', message: 'the agent exited with code 3' },
    want: 'the agent exited with code 3; "agentjob logs nightly" shows why',
  },
  {
    name: 'a full stop of somebody else’s',
    given: { reason: 'Error', message: 'The node was low on memory. ' },
    want: 'The node was low on memory; "agentjob logs nightly" shows why',
  },
  {
    name: 'a novel',
    given: { reason: 'Error', message: 'x'.repeat(200) },
    want: `${'x'.repeat(64)}…; "agentjob logs nightly" shows why`,
  },
  { name: 'no cause', given: { reason: 'Error' }, want: undefined },
  { name: 'nobody’s fault', given: { reason: 'Suspended', message: 'it waits' }, want: 'it waits' },
  { name: 'no remedy', given: { reason: 'Mystery', message: 'it broke' }, want: 'it broke' },
]
test.each(words)('what a status says: $name', ({ given, want }) => {
  const situation = { job: job(), ...given }
  expect(withRemedy(situation, LIMIT)).toBe(want)
  if (want !== undefined) expect(want.length).toBeLessThanOrEqual(LIMIT)
})

test('the cause comes out of a status again, and out of one that another version wrote', () => {
  const situation = { job: job(), reason: 'Error', message: 'the agent exited with code 3' }
  expect(withoutRemedy({ ...situation, message: withRemedy(situation, LIMIT) })).toBe(situation.message)
  expect(withoutRemedy({ ...situation, message: 'it broke; ask somebody' })).toBe('it broke; ask somebody')
  expect(withoutRemedy({ job: job(), reason: 'Mystery' })).toBeUndefined()
})
