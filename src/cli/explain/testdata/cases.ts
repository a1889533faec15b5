import { CA_VOLUME } from '../../../expand/names.ts'
import {
  active,
  complete,
  cronJob,
  ended,
  event,
  failed,
  type Given,
  ofSchedule,
  POD,
  pod,
  skipped,
  suspended,
} from './objects.ts'

/** What is known of an AgentJob, and what has to be said of it before all else. */
export interface Case {
  name: string
  given: Given
  cause: string
  remedy: string | undefined
}

const JOB = 'Job hello-8d1f2c44'
const pulling = 'failed to pull and unpack image "ghcr.io/example/claude:1": not found'
const noBundle = `MountVolume.SetUp failed for volume "${CA_VOLUME}" : configmap "corp-ca" not found`
const aboutRuntime =
  'spec.runtimeRef: there is no AgentRuntime "claude-code" in namespace team; nothing runs until there is one'
const initContainers = [
  { name: 'context-0', state: { terminated: { exitCode: 128, reason: 'Error', message: 'repository not found' } } },
]

const asked = (exitCode: number, message: string) =>
  pod(
    { waiting: { reason: 'PodInitializing' } },
    {
      phase: 'Failed',
      initContainerStatuses: [{ name: 'precheck', state: { terminated: { exitCode, reason: 'Error', message } } }],
    },
  )

export const cases: Case[] = [
  {
    name: 'missing-secret',
    given: {
      job: active,
      references: [{ kind: 'AgentAuth', name: 'anthropic' }],
      pod: pod({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "claude" not found' } }),
      events: [
        event('AgentJob hello', 'Normal', 'Started', 'started Job hello-8d1f2c44', 30),
        event(JOB, 'Normal', 'SuccessfulCreate', `Created pod: ${POD}`, 30),
        event(`Pod ${POD}`, 'Warning', 'Failed', 'Error: secret "claude" not found', 1, 12),
      ],
    },
    cause: 'secret "claude" not found',
    remedy:
      'create Secret claude, and the pod goes on by itself; or correct its name in AgentRuntime claude-code or AgentAuth anthropic',
  },
  {
    name: 'missing-secret-of-a-volume',
    given: {
      job: active,
      spec: { contexts: [{ name: 'key', type: 'Secret', secret: { name: 'deploy' }, mountPath: '/key' }] },
      pod: pod({ waiting: { reason: 'ContainerCreating' } }),
      events: [
        event(`Pod ${POD}`, 'Normal', 'Scheduled', `Successfully assigned team/${POD} to node-1`, 3),
        event(
          `Pod ${POD}`,
          'Warning',
          'FailedMount',
          'MountVolume.SetUp failed for volume "context-0" : secret "deploy" not found',
          1,
          8,
        ),
      ],
    },
    cause: 'MountVolume.SetUp failed for volume "context-0" : secret "deploy" not found',
    remedy: 'create Secret deploy, and the pod goes on by itself; or correct its name in spec.contexts[0].secret.name',
  },
  {
    name: 'missing-ca-bundle',
    given: {
      job: active,
      volumes: [{ name: CA_VOLUME, configMap: { name: 'corp-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }],
      pod: pod({ waiting: { reason: 'ContainerCreating' } }),
      events: [event(`Pod ${POD}`, 'Warning', 'FailedMount', noBundle, 1, 8)],
    },
    cause: noBundle,
    remedy:
      "have ConfigMap corp-ca put into namespace team, with the CAs to trust under the key ca.crt, and the pod goes on by itself; pods.caBundle of the operator's settings has every pod mount it",
  },
  {
    name: 'wrong-image',
    given: { job: active, pod: pod({ waiting: { reason: 'ErrImagePull', message: pulling } }) },
    cause: pulling,
    remedy: 'correct the image in AgentRuntime claude-code, or its imagePullSecrets, then "agentjob rerun hello"',
  },
  {
    name: 'wrong-image-of-a-precheck',
    given: {
      job: active,
      spec: { precheck: { command: ['ask'], image: 'ghcr.io/example/claude:1' } },
      pod: pod({ waiting: { reason: 'ErrImagePull', message: pulling } }),
    },
    cause: pulling,
    remedy: 'correct spec.precheck.image, or imagePullSecrets of AgentRuntime claude-code, then "agentjob rerun hello"',
  },
  {
    name: 'oom',
    given: { job: failed, pod: ended(137, 'OOMKilled'), log: ['reading everything …', '\u001b[31mKilled'] },
    cause: 'the agent took more memory than its limit',
    remedy:
      'raise resources.limits.memory of AgentRuntime claude-code and "agentjob rerun hello", or set spec.resources',
  },
  {
    name: 'deadline',
    given: {
      job: failed,
      pod: ended(143, 'Error', {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      }),
      log: ['interrupted'],
    },
    cause: 'the run took longer than spec.timeoutSeconds',
    remedy: 'raise spec.timeoutSeconds, or give the agent less to do',
  },
  {
    name: 'exit-3',
    given: { job: failed, pod: ended(3, 'Error'), log: ['no such branch'] },
    cause: 'the agent exited with code 3',
    remedy: '"agentjob logs hello" shows why',
  },
  {
    name: 'log-gone',
    given: {
      job: failed,
      logTail: Array.from({ length: 12 }, (_, n) => `line ${n}`).join('\n'),
    },
    cause: 'the run failed: BackoffLimitExceeded',
    remedy: 'its pod went without a word; "agentjob rerun hello" runs it again',
  },
  {
    name: 'no-shell-for-outputs',
    given: {
      job: active,
      pod: pod(
        { waiting: { reason: 'PodInitializing' } },
        {
          initContainerStatuses: [
            {
              name: 'outputs',
              state: {
                waiting: { reason: 'RunContainerError', message: 'exec: "sh": executable file not found in $PATH' },
              },
            },
          ],
        },
      ),
    },
    cause: 'exec: "sh": executable file not found in $PATH',
    remedy: 'let the image of AgentRuntime claude-code have sh, sleep and head, or take its outputs away',
  },
  {
    name: 'notification-given-up',
    given: {
      job: failed,
      pod: ended(3, 'Error'),
      notification: {
        ...{ state: 'Failed', time: '2026-05-04T09:25:00Z', code: 404 },
        message: 'its receiver answered 404',
      },
    },
    cause: 'the agent exited with code 3',
    remedy: '"agentjob logs hello" shows why',
  },
  {
    name: 'notification-pending',
    given: { job: complete, notification: { state: 'Pending', since: '2026-05-04T09:20:00Z' } },
    cause: 'the run succeeded',
    remedy: undefined,
  },
  {
    name: 'notification-delivered',
    given: { job: complete, notification: { state: 'Delivered', time: '2026-05-04T09:20:03Z', code: 204 } },
    cause: 'the run succeeded',
    remedy: undefined,
  },
  {
    name: 'evicted-by-the-api',
    given: {
      job: failed,
      pod: ended(
        143,
        'Error',
        {
          conditions: [
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'EvictionByEvictionAPI',
              message: 'Eviction API: evicting',
            },
          ],
        },
        { deletionTimestamp: '2026-05-04T09:20:30Z', deletionGracePeriodSeconds: 30 },
      ),
    },
    cause: 'the pod was evicted through the Eviction API, as "kubectl drain" does',
    remedy:
      'nothing is wrong with the agent: "agentjob rerun hello" runs it again, spec.backoffLimit would do so by itself',
  },
  {
    name: 'failed-clone',
    given: {
      job: failed,
      pod: pod({ waiting: { reason: 'PodInitializing' } }, { phase: 'Failed', initContainerStatuses: initContainers }),
      log: ["fatal: repository 'https://git.example.com/docs.git/' not found"],
      logOf: 'context-0',
    },
    cause: 'a context could not be fetched: container context-0 exited with code 128: repository not found',
    remedy: 'correct its address, ref or Secret, then "agentjob rerun hello"',
  },
  {
    name: 'precheck-skipped',
    given: {
      job: skipped,
      pod: asked(1, 'no pull request is red'),
      log: ['no pull request is red'],
      logOf: 'precheck',
    },
    cause: 'no pull request is red',
    remedy: 'nothing; "agentjob rerun hello" asks its precheck again',
  },
  {
    name: 'precheck-failed',
    given: { job: failed, pod: asked(4, 'gh: no token'), log: ['gh: no token'], logOf: 'precheck' },
    cause: 'the precheck failed: container precheck exited with code 4: gh: no token',
    remedy: 'its log shows why: "kubectl logs job/hello-8d1f2c44 -c precheck"',
  },
  {
    name: 'schedule-after-a-skip',
    given: {
      spec: { schedule: '0 3 * * *' },
      cronJob,
      job: ofSchedule(skipped),
      pod: asked(1, 'no pull request is red'),
    },
    cause: 'the schedule is in place; its last run, Job hello-29631420, ended as Skipped: no pull request is red',
    remedy: 'nothing; "agentjob rerun hello" asks its precheck again',
  },
  {
    name: 'resource-quota',
    given: {
      job: active,
      failedCreate: `Error creating: pods "${POD}" is forbidden: exceeded quota: tight, requested: pods=1, used: pods=0, limited: pods=0`,
      events: [event(JOB, 'Warning', 'FailedCreate', 'Error creating: pods is forbidden: exceeded quota: tight', 2, 4)],
    },
    cause: 'the pod is forbidden: exceeded quota: tight, requested: pods=1, used: pods=0, limited: pods=0',
    remedy: 'raise ResourceQuota tight or lower resources; it is tried again by itself',
  },
  {
    name: 'missing-reference',
    given: { problems: [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: aboutRuntime.slice(17) }] },
    cause: aboutRuntime,
    remedy: 'create AgentRuntime claude-code, or correct the name',
  },
  {
    name: 'missing-reference-after-a-failure',
    given: {
      problems: [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: aboutRuntime.slice(17) }],
      revision: '9e0a3b71',
      job: failed,
    },
    cause: aboutRuntime,
    remedy: 'create AgentRuntime claude-code, or correct the name',
  },
  {
    name: 'not-expanded',
    given: { expansion: null },
    cause: 'admission has not expanded this object; it is being asked to',
    remedy: 'if that lasts, no webhook is registered: start the operator',
  },
  {
    name: 'queued',
    given: { job: suspended, spec: { queueName: 'agents' } },
    cause: 'Job hello-8d1f2c44 is suspended until its queue admits it',
    remedy: 'wait until there is room in queue agents',
  },
  {
    name: 'suspended',
    given: { spec: { suspend: true } },
    cause: 'spec.suspend is true; the run waits',
    remedy: 'set spec.suspend to false when it should go on',
  },
  {
    name: 'running',
    given: { job: active, pod: pod({ running: { startedAt: '2026-05-04T09:00:05Z' } }, { phase: 'Running' }) },
    cause: 'the agent is at work',
    remedy: undefined,
  },
  {
    name: 'succeeded',
    given: { job: complete, pod: ended(0, 'Completed') },
    cause: 'the run succeeded',
    remedy: undefined,
  },
  {
    name: 'schedule-waiting',
    given: { spec: { schedule: '0 3 * * *' }, cronJob },
    cause: 'the schedule is in place; nothing runs until it is due',
    remedy: undefined,
  },
  {
    name: 'schedule-after-a-failure',
    given: { spec: { schedule: '0 3 * * *' }, cronJob, job: ofSchedule(failed), pod: ended(3, 'Error') },
    cause: 'the schedule is in place; its last run, Job hello-29631420, ended as Failed: the agent exited with code 3',
    remedy: '"agentjob logs hello --job hello-29631420" shows why',
  },
  {
    name: 'who-may-read-nothing-else',
    given: {
      job: failed,
      unread: [
        'pods: pods is forbidden: User "carol" cannot list resource "pods" in API group "" in the namespace "team"',
        'events: events is forbidden: User "carol" cannot list resource "events" in API group "" in the namespace "team"',
      ],
    },
    cause: 'the run failed: BackoffLimitExceeded',
    remedy: 'its pod went without a word; "agentjob rerun hello" runs it again',
  },
]
