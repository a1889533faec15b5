import { expect, test } from 'bun:test'
import { expand } from '../../../src/expand/expand.ts'
import { agentJob, inputFor } from '../../../src/expand/fixtures.ts'
import type { KubeObject } from '../../../src/kube/object.ts'
import { sign } from '../../../src/signing/signature.ts'
import { createHistory, remember } from '../history.ts'
import { promptText } from '../schedule/prompt.ts'
import { isViolated, violations } from './invariants.ts'
import type { Observation } from './observation.ts'

const key = new Uint8Array(32)
const spec = { prompt: promptText({ ms: 0, exitCode: 0, result: 'done' }), persist: true }
const named = (kind: string, name: string, more: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { namespace: 'agents', name, uid: `${kind} ${name}` }, ...more }) as KubeObject

/** A namespace at rest: an AgentJob that has run once and has a volume, what it refers to, and a stranger. */
async function peace(): Promise<Observation> {
  const { expansion } = expand(inputFor(spec))
  const [claim, run] = expansion.resources as [KubeObject, KubeObject]
  const owner = { apiVersion: 'agentjob.io/v1alpha1', kind: 'AgentJob', name: 'hello', uid: 'hello', controller: true }
  const owned = (child: KubeObject, more: object = {}) => ({
    ...structuredClone(child),
    metadata: { ...structuredClone(child.metadata), uid: child.metadata.name, ownerReferences: [owner] },
    ...more,
  })
  const conditions = [{ type: 'Complete', status: 'True' }]
  const job = owned(run, { status: { conditions } })
  const ran = { jobName: run.metadata.name, uid: job.metadata.uid, phase: 'Succeeded', exitCode: 0, result: 'done' }
  const ownedResources = [claim, run].map(({ kind, metadata }) => ({ kind, name: metadata.name }))
  const { revision, configHash } = expansion
  const agent = {
    ...agentJob(spec),
    metadata: { ...agentJob(spec).metadata, uid: 'hello', generation: 1 },
    expansion: await sign(expansion, { namespace: 'agents', name: 'hello' }, key),
    status: {
      observedGeneration: 1,
      phase: 'Succeeded',
      revision,
      configHash,
      conditions,
      ownedResources,
      runs: [ran],
    },
  } as unknown as KubeObject
  const stranger = named('Job', 'stranger', { spec: { suspend: true } })
  const objects = [
    agent,
    owned(claim),
    job,
    structuredClone(stranger),
    named('AgentRuntime', 'echo', { spec: { image: 'echo' } }),
  ]
  const history = createHistory()
  for (const object of objects) remember(history, object, false)
  return { namespace: 'agents', objects, history, created: [structuredClone(job)], strangers: [stranger], key }
}

/** An object of the observation, to be changed. */
// biome-ignore lint/suspicious/noExplicitAny: reaches into any field of it
const at = ({ objects }: Observation, kind: string): any => objects.find((object) => object.kind === kind)
const without = (o: Observation, kind: string) => o.objects.splice(o.objects.indexOf(at(o, kind)), 1)

test('in peace nothing is violated', async () => {
  expect(await violations(await peace())).toEqual([])
  expect(await isViolated(await peace())).toBe(false)
})

const wrongs: { wrong: string; make: (o: Observation) => unknown; says: string }[] = [
  {
    wrong: 'a revision has two Jobs',
    make: (o) => {
      const twin = structuredClone(at(o, 'Job'))
      twin.metadata.uid = 'twin'
      remember(o.history, twin, true)
    },
    says: 'has had 2 Jobs',
  },
  {
    wrong: 'a second Job was gone before anybody saw it',
    make: (o) => {
      const twin = structuredClone(at(o, 'Job'))
      twin.metadata.uid = 'twin'
      o.created.push(twin)
    },
    says: 'has had 2 Jobs',
  },
  {
    wrong: 'a Job of a revision that nobody asked for',
    make: (o) => {
      const other = structuredClone(at(o, 'Job'))
      other.metadata = { ...other.metadata, uid: 'other', annotations: { 'agentjob.io/revision': '00000000' } }
      remember(o.history, other, true)
    },
    says: 'is of a revision that it never had',
  },
  {
    wrong: 'a Job of a suspended AgentJob',
    make: (o) => {
      for (const version of o.history.agentJobs.get('hello')!.versions) version.mayRun = false
    },
    says: 'was created though something was in its way',
  },
  { wrong: 'a revision did not run', make: (o) => o.history.jobs.clear(), says: 'has not run' },
  {
    wrong: 'a revision is not remembered',
    make: (o) => (at(o, 'AgentJob').status.revision = 'x'),
    says: 'status.revision is x',
  },
  {
    wrong: 'a phase is old',
    make: (o) => (at(o, 'AgentJob').status.phase = 'Running'),
    says: 'status.phase is "Running"',
  },
  {
    wrong: 'a result is lost',
    make: (o) => (at(o, 'AgentJob').status.runs[0].result = undefined),
    says: 'status.runs',
  },
  {
    wrong: 'a run is of no Job',
    make: (o) => (at(o, 'AgentJob').status.runs[0].uid = 'x'),
    says: 'which there never was',
  },
  {
    wrong: 'a status is of an older spec',
    make: (o) => (at(o, 'AgentJob').metadata.generation = 2),
    says: 'observedGeneration',
  },
  {
    wrong: 'a condition is old',
    make: (o) => (at(o, 'AgentJob').status.conditions = []),
    says: 'conditions, Complete',
  },
  {
    wrong: 'a time is told as skipped that never was due',
    make: (o) => (at(o, 'AgentJob').status.skips = [{ reason: 'Suspended' }]),
    says: 'status.skips',
  },
  {
    wrong: 'a pause is not over',
    make: (o) => (at(o, 'AgentJob').status.due = { heldBy: 'Suspended' }),
    says: 'status.due.heldBy',
  },
  { wrong: 'an expansion is forged', make: (o) => (at(o, 'AgentJob').expansion.requester = 'eve'), says: 'not signed' },
  {
    wrong: 'an expansion is of another spec',
    make: (o) => (at(o, 'AgentJob').spec.prompt = 'x'),
    says: 'for another spec',
  },
  {
    wrong: 'a reference has changed',
    make: (o) => (at(o, 'AgentRuntime').spec.image = 'x'),
    says: 'AgentRuntime agents/echo',
  },
  { wrong: 'a reference is gone', make: (o) => without(o, 'AgentRuntime'), says: 'AgentRuntime agents/echo' },
  {
    wrong: 'a rerun was not honoured',
    make: (o) => (at(o, 'AgentJob').metadata.annotations = { 'agentjob.io/rerun': 'now' }),
    says: 'the rerun now was not honoured',
  },
  { wrong: 'a child is missing', make: (o) => without(o, 'PersistentVolumeClaim'), says: 'hello-data is not there' },
  {
    wrong: 'a child was changed',
    make: (o) => (at(o, 'PersistentVolumeClaim').spec.accessModes = []),
    says: 'hello-data is not what the expansion says',
  },
  {
    wrong: 'a child is too much',
    make: (o) => o.objects.push({ ...structuredClone(at(o, 'PersistentVolumeClaim')), kind: 'ConfigMap' }),
    says: 'ConfigMap hello-data is there, and the expansion does not name it',
  },
  { wrong: 'children are left over', make: (o) => without(o, 'AgentJob'), says: 'hello-data is left over' },
  {
    wrong: 'an AgentJob does not go',
    make: (o) => (at(o, 'AgentJob').metadata.deletionTimestamp = 'now'),
    says: 'is still being deleted',
  },
  { wrong: 'a stranger is gone', make: (o) => o.objects.splice(3, 1), says: 'which is not ours, is gone' },
  {
    wrong: 'a stranger was adopted',
    make: (o) => (o.objects[3]!.metadata.labels = { 'app.kubernetes.io/managed-by': 'agentjob' }),
    says: 'which is not ours, is now',
  },
]
test.each(wrongs)('$wrong', async ({ make, says }) => {
  const o = await peace()
  make(o)
  expect((await violations(o)).join('\n')).toContain(says)
  expect(await isViolated(o)).toBe(true)
})
