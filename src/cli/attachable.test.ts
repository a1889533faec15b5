import { describe, expect, test } from 'bun:test'
import type { AgentJob } from '../api/agentjob.ts'
import type { AgentJobStatus } from '../api/agentjobstatus.ts'
import type { ContainerState, Pod } from '../status/observed.ts'
import { attachable } from './attachable.ts'
import { Failure } from './exit.ts'
import { JOB_NAME_LABEL } from './logstep.ts'

const jobOf = (status?: AgentJobStatus, spec: object = {}) =>
  ({ metadata: { name: 'a', creationTimestamp: '2026-11-21T12:00:00Z' }, spec, status }) as unknown as AgentJob

const podOf = (name: string, at: string, state: ContainerState, jobName = 'a-1', uid = 'u1'): Pod => ({
  metadata: {
    name,
    creationTimestamp: `2026-11-21T${at}Z`,
    labels: { [JOB_NAME_LABEL]: jobName, 'batch.kubernetes.io/controller-uid': uid },
  },
  status: { containerStatuses: [{ name: 'agent', state }] },
})

const RUNNING = { running: {} }
const ENDED = { terminated: { exitCode: 0 } }
const runs = [{ jobName: 'a-1', uid: 'u1', phase: 'Running' as const }]

const cases: { name: string; job?: AgentJob; pods: Pod[]; want: string }[] = [
  { name: 'a pod whose container runs', pods: [podOf('p', '12:00:00', RUNNING)], want: 'p' },
  {
    name: 'the newest of them',
    pods: [
      podOf('p1', '12:00:00', RUNNING),
      podOf('p2', '12:10:00', RUNNING, 'a-2', 'u2'),
      podOf('p3', '12:20:00', ENDED),
    ],
    want: 'p2',
  },
  {
    name: 'none of an earlier AgentJob of this name',
    job: jobOf({ runs }),
    pods: [podOf('p1', '12:30:00', RUNNING, 'a-1', 'u0'), podOf('p2', '12:20:00', RUNNING)],
    want: 'p2',
  },
  {
    name: 'none that was there before it',
    pods: [podOf('p1', '11:59:59', RUNNING), podOf('p2', '12:00:00', RUNNING)],
    want: 'p2',
  },
]

describe('attachable', () => {
  for (const { name, job = jobOf(), pods, want } of cases)
    test(name, () => {
      expect(attachable(job, pods)).toBe(want)
    })

  const failures: { name: string; job: AgentJob; want: string; exitCode: number }[] = [
    {
      name: 'one that has not started',
      job: jobOf({ phase: 'Pending', reason: 'ErrImagePull', message: 'no such image' }),
      want: 'Pending (ErrImagePull): no such image; "agentjob explain a" says what it waits for',
      exitCode: 1,
    },
    {
      name: 'one that has ended, and stayed for some time',
      job: jobOf({ phase: 'Succeeded' }, { humanInTheLoop: { enabled: true, keepAlive: '2h' } }),
      want: 'Succeeded; "agentjob rerun a" runs it again, and its container stays for 2h after the agent',
      exitCode: 4,
    },
    {
      name: 'a schedule between two runs',
      job: jobOf({ phase: 'Scheduled' }, { humanInTheLoop: { enabled: false } }),
      want: 'Scheduled; set spec.humanInTheLoop.enabled to true, and the container of the next run stays after its agent',
      exitCode: 4,
    },
  ]
  for (const { name, job, want, exitCode } of failures)
    test(name, () => {
      let failure: unknown
      try {
        attachable(job, [podOf('p', '12:00:00', ENDED)])
      } catch (error) {
        failure = error
      }
      expect(failure).toBeInstanceOf(Failure)
      expect((failure as Failure).lines).toEqual([`nothing of a is running: ${want}`])
      expect((failure as Failure).exitCode).toBe(exitCode)
    })
})
