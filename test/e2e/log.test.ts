import { expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import {
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  logOf,
  newNamespace,
  refusal,
  secret,
  theWorld,
  untilPhase,
} from './world.ts'

// What users write stays out of the operator's log, at its most talkative, whatever goes wrong with it.

const { cluster, operator } = await theWorld()
const withPods = test.skipIf(!cluster.pods)
const MARKER = 'zq-a-users-own-words'

/** Has the running operator log at a level, by its settings; resolves when it does. */
async function setLevel(logLevel: string | undefined): Promise<void> {
  const { logLevel: _, ...settings } = parse(await readFile(operator.settings, 'utf8')) as Record<string, unknown>
  const changes = async () => (await logged()).filter(({ msg }) => msg === 'the log has another level').length
  const before = await changes()
  await writeFile(operator.settings, stringify(logLevel ? { ...settings, logLevel } : settings))
  await eventually('the log has another level', changes, (now) => now > before, 30_000)
}

interface Line {
  msg: string
  namespace?: string
  name?: string
  revision?: string
  err?: { status?: number }
}

const logText = () => readFile(operator.log, 'utf8')
const logged = async () =>
  (await logText())
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)

/** A policy by which a status cannot be written in a namespace; its refusal quotes the prompt. */
const quotingPolicy = (namespace: string) => [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: namespace },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['agentjob.io'],
            apiVersions: ['v1alpha1'],
            operations: ['UPDATE'],
            resources: ['agentjobs/status'],
          },
        ],
      },
      validations: [{ expression: 'false', messageExpression: "'the prompt is: ' + object.spec.prompt" }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: namespace },
    spec: {
      policyName: namespace,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  },
]

withPods(
  'nothing of what users write is in the log: of runs, of what is refused, by us and by the API server',
  async () => {
    const [namespace, policed] = [await newNamespace(), await newNamespace()]
    const policy = quotingPolicy(policed)
    await setLevel('debug')
    try {
      await apply(namespace, [
        echoRuntime(),
        secret('token', { key: `${MARKER}-secret` }),
        agentJob(
          'runs',
          {
            prompt: `echo: result ${MARKER}-prompt`,
            env: [
              { name: 'WORDS', value: `${MARKER}-env` },
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'key' } } },
            ],
            contexts: [{ type: 'Inline', inline: { content: `${MARKER}-context` } }],
            podTemplate: { metadata: { annotations: { 'example.com/words': `${MARKER}-pod` } } },
          },
          { annotations: { 'example.com/words': `${MARKER}-annotation` }, labels: { words: `${MARKER}-label` } },
        ),
        // a key that no node can have: the API server refuses the Job, and quotes it
        agentJob('refused', { podTemplate: { spec: { nodeSelector: { [`${MARKER} key`]: 'x' } } } }),
      ])
      expect(await refusal(namespace, agentJob('wrong', { schedule: `0 0 * * ${MARKER}-schedule` }))).toContain(MARKER)
      expect(
        await refusal(namespace, agentJob('strange', { env: [{ name: `${MARKER} name`, value: 'x' }] })),
      ).toContain(MARKER)
      const { status } = await untilPhase(namespace, 'runs', 'Succeeded')
      expect(status?.result).toContain(MARKER)
      expect(await logOf(namespace, status?.jobName ?? '')).toContain(MARKER)
      const refused = await eventually(
        'the refusal',
        () => getAgentJob(namespace, 'refused'),
        ({ status }) => status?.reason === 'Refused',
      )
      expect(refused.status?.message).toContain(MARKER)
      await apply(policed, [...policy, echoRuntime()])
      await eventually(
        'a line of the refusal that quotes the prompt',
        async () => {
          await apply(policed, agentJob(`quoted-${Date.now()}`, { prompt: `${MARKER}-quoted`, suspend: true }))
          return logged()
        },
        (lines) => lines.some(({ namespace, err }) => namespace === policed && err?.status === 422),
      )
      const lines = await logged()
      for (const msg of ['admission answered', 'a run was started', 'a run has ended', 'looked at'])
        expect(lines.map((line) => line.msg)).toContain(msg)
      const ended = lines.find(({ msg, namespace: of }) => msg === 'a run has ended' && of === namespace)
      expect(ended).toMatchObject({ name: 'runs', revision: status?.revision, phase: 'Succeeded' })
      expect((await logText()).split('\n').filter((line) => line.includes(MARKER))).toEqual([])
    } finally {
      await kubectl(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', policed])
      await setLevel(undefined)
    }
  },
)
