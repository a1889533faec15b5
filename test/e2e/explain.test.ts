import { expect, test } from 'bun:test'
import type { Phase } from '../../src/api/agentjobstatus.ts'
import { fetchImage } from './fetching/image.ts'
import { type Person, READ, SLEEPS, somebody } from './person.ts'
import type { Rule } from './users.ts'
import {
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  loaded,
  namesOf,
  theWorld,
  untilPhase,
} from './world.ts'

/* What goes wrong with runs in real pods: the status and `agentjob explain` name the cause, and what to do. */

const { cluster, client } = await theWorld()
const image = await loaded(fetchImage)
const withPods = test.concurrent.skipIf(!cluster.pods)
const withGit = test.concurrent.skipIf(!image)

/** What explain reads beside the AgentJob. */
const DETAILS: Rule[] = [
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
]

interface Failing {
  name: string
  objects: () => object[]
  /** What is to be done for it to go wrong. */
  provoke?: (namespace: string) => Promise<unknown>
  phase: Phase
  reasons: string[]
  cause: RegExp
  remedy: string
  /** Other things that explain shows. */
  shows?: string[]
}

const failing: Failing[] = [
  {
    name: 'missing-secret',
    objects: () => [
      echoRuntime(),
      agentJob('missing-secret', {
        env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'absent', key: 'token' } } }],
      }),
    ],
    phase: 'Pending',
    reasons: ['CreateContainerConfigError'],
    cause: /secret "absent" not found/,
    remedy:
      'create Secret absent, and the pod goes on by itself; or correct its name in spec.env[0].valueFrom.secretKeyRef.name',
    shows: ['kubectl create secret generic absent --from-literal=KEY=VALUE', 'agent waiting'],
  },
  {
    name: 'missing-volume',
    objects: () => [
      echoRuntime(),
      agentJob('missing-volume', {
        contexts: [{ type: 'Secret', secret: { name: 'absent', key: 'id' }, mountPath: '/key' }],
      }),
    ],
    phase: 'Pending',
    reasons: ['FailedMount'],
    cause: /secret "absent" not found/,
    remedy: 'create Secret absent, and the pod goes on by itself; or correct its name in spec.contexts[0].secret.name',
    shows: ['kubectl create secret generic absent --from-literal=KEY=VALUE'],
  },
  {
    name: 'wrong-image',
    objects: () => [echoRuntime('echo', { image: 'registry.invalid/no/such:image' }), agentJob('wrong-image')],
    phase: 'Pending',
    reasons: ['ErrImagePull', 'ImagePullBackOff'],
    cause: /registry\.invalid\/no\/such:image/,
    remedy: 'correct the image in AgentRuntime echo, or its imagePullSecrets, then "agentjob rerun wrong-image"',
    shows: ['kubectl edit agentruntime echo'],
  },
  {
    name: 'oom',
    objects: () => [
      echoRuntime('echo', { resources: { limits: { memory: '64Mi' } } }),
      agentJob('oom', { prompt: 'echo: oom' }),
    ],
    phase: 'Failed',
    reasons: ['OOMKilled'],
    cause: /the agent took more memory than its limit/,
    remedy: 'raise resources.limits.memory of AgentRuntime echo and "agentjob rerun oom", or set spec.resources',
    shows: ['exit code 137'],
  },
  {
    name: 'deadline',
    objects: () => [echoRuntime(), agentJob('deadline', { prompt: SLEEPS, timeoutSeconds: 5 })],
    phase: 'TimedOut',
    reasons: ['DeadlineExceeded'],
    cause: /the run took longer than spec\.timeoutSeconds/,
    remedy: 'raise spec.timeoutSeconds, or give the agent less to do',
    shows: ['interrupted'],
  },
  {
    name: 'exit-3',
    objects: () => [echoRuntime(), agentJob('exit-3', { prompt: 'echo: exit 3' })],
    phase: 'Failed',
    reasons: ['Error'],
    cause: /the agent exited with code 3/,
    remedy: '"agentjob logs exit-3" shows why',
    shows: ['exit 3 as told', 'agentjob rerun exit-3'],
  },
  {
    name: 'evicted',
    objects: () => [echoRuntime(), agentJob('evicted', { prompt: SLEEPS })],
    provoke: evict,
    phase: 'Failed',
    reasons: ['EvictionByEvictionAPI'],
    cause: /the pod was evicted through the Eviction API/,
    remedy: 'nothing is wrong with the agent: "agentjob rerun evicted" runs it again',
    shows: ['agentjob rerun evicted'],
  },
  {
    name: 'failed-clone',
    objects: () => [
      echoRuntime(),
      agentJob('failed-clone', {
        contexts: [
          { type: 'Git', mountPath: '/docs', git: { repository: `http://${cluster.hostAddress}:1/absent.git` } },
        ],
      }),
    ],
    phase: 'Failed',
    reasons: ['ContextFailed'],
    cause: /a context could not be fetched: container context-0 exited with code \d+: /,
    remedy: 'correct its address, ref or Secret, then "agentjob rerun failed-clone"',
    shows: ['Log of container context-0', '-c context-0'],
  },
  {
    name: 'quota',
    objects: () => [
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'tight' }, spec: { hard: { pods: '0' } } },
      echoRuntime(),
      agentJob('quota'),
    ],
    phase: 'Pending',
    reasons: ['QuotaExceeded'],
    cause: /the pod is forbidden: exceeded quota: tight/,
    remedy: 'raise ResourceQuota tight or lower resources; it is tried again by itself',
    shows: ['kubectl describe resourcequota', 'FailedCreate'],
  },
]

for (const { name, objects, provoke, phase, reasons, cause, remedy, shows = [] } of failing)
  (name === 'failed-clone' ? withGit : withPods)(
    `${name}: status and explain say why, and what to do`,
    async () => {
      const { namespace, cli } = await somebody(...DETAILS, READ)
      await apply(namespace, objects())
      await provoke?.(namespace)
      const { status } = await eventually(
        `AgentJob ${name} ${phase} ${reasons.join(' or ')}`,
        () => getAgentJob(namespace, name),
        ({ status }) => status?.phase === phase && (phase === 'Failed' || reasons.includes(status.reason ?? '')),
        120_000,
      )
      // on a busy machine the end of a container can overtake the news of why it was killed: then it has no reason
      expect(reasons).toContain(status?.reason as string)
      const described = (await kubectl(['describe', 'aj', name, '-n', namespace])).stdout
      expect(described).toMatch(cause)
      expect(described).toContain(remedy)
      const { code, stdout, stderr } = await cli('explain', name)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(line(stdout, 'Why')).toMatch(cause)
      expect(line(stdout, 'To do')).toContain(remedy)
      for (const text of shows) expect(stdout).toContain(text)
      expect(stdout).not.toContain('\u001b')
      expect(stdout).not.toContain('Left out')
      const told = await explained({ cli }, name)
      expect(told).toMatchObject({ phase, name, namespace, unread: [] })
      expect(told.remedy).toContain(remedy)
    },
    { retry: 4, timeout: 240_000 },
  )

withPods('explain: what one may not read is left out, and named', async () => {
  const { namespace, cli } = await somebody(READ)
  await apply(namespace, [echoRuntime(), agentJob('bad', { prompt: 'echo: exit 3' })])
  await untilPhase(namespace, 'bad', 'Failed')
  const { code, stdout } = await cli('explain', 'bad')
  expect(code).toBe(0)
  expect(line(stdout, 'Why')).toContain('the agent exited with code 3')
  expect(stdout).toMatch(/Left out\n(.*\n)*? {2}pods: pods is forbidden/)
  expect(stdout).toMatch(/Left out\n(.*\n)*? {2}events: events is forbidden/)
})

withPods('explain: a run that succeeded, a schedule that waits, and one that is not there', async () => {
  const { namespace, cli } = await somebody(...DETAILS, READ)
  await apply(namespace, [echoRuntime(), agentJob('fine'), agentJob('nightly', { schedule: '0 3 * * *' })])
  await untilPhase(namespace, 'fine', 'Succeeded')
  await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(await explained({ cli }, 'fine')).toMatchObject({ phase: 'Succeeded', cause: 'the run succeeded' })
  expect((await cli('explain', 'nightly')).stdout).toMatch(/is Scheduled; next run in /)
  expect(await cli('explain', 'nightli')).toMatchObject({ code: 4, stderr: expect.stringContaining('nightly') })
})

/** What `-o json` prints. */
async function explained({ cli }: Pick<Person, 'cli'>, name: string) {
  return JSON.parse((await cli('explain', name, '-o', 'json')).stdout)
}

/** The line of an explanation that begins like that. */
const line = (text: string, title: string): string => text.split('\n').find((one) => one.startsWith(title)) ?? ''

/** Evicts the only pod of a namespace, as `kubectl drain` does, once its agent is at work. */
async function evict(namespace: string): Promise<void> {
  await untilPhase(namespace, 'evicted', 'Running')
  const [name = ''] = await namesOf(namespace, 'pods')
  await client.transport.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
  })
}
