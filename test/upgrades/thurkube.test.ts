import { afterAll, beforeAll, expect, test } from 'bun:test'
import { kinds } from '../../src/api/kinds.ts'
import { agentJob, agentjob, apply, echoRuntime, eventually, kubectl, newNamespace, untilPhase } from '../e2e/world.ts'
import { NOWHERE } from './snapshot.ts'

// Beside thurkube, whose kinds have the same names and short names in a group that comes later in the alphabet.

const THURKUBE = 'thurkube.thurbeen.eu'
const THEIRS = kinds.filter(({ kind }) => !['AgentQuota', 'Context'].includes(kind))

const stub = ({ kind, plural, singular, shortNames }: (typeof kinds)[number]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${THURKUBE}` },
  spec: {
    group: THURKUBE,
    scope: 'Namespaced',
    names: { kind, plural, singular, shortNames },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
})

beforeAll(async () => {
  await kubectl(['apply', '-f', '-'], THEIRS.map((kind) => JSON.stringify(stub(kind))).join('\n---\n'))
})

afterAll(async () => {
  await kubectl(['delete', 'crd', ...THEIRS.map(({ plural }) => `${plural}.${THURKUBE}`)])
})

test('a short name is one of the two; the full name is ours, and nothing of theirs is touched', async () => {
  const namespace = await newNamespace()
  const theirs = {
    apiVersion: `${THURKUBE}/v1alpha1`,
    kind: 'AgentJob',
    metadata: { name: 'theirs' },
    spec: { prompt: 'theirs' },
  }
  const created = () => apply(namespace, theirs).catch((error: Error) => error.message)
  await eventually('thurkube is served', created, (answer) => typeof answer !== 'string')
  await apply(namespace, [echoRuntime(), agentJob('ours', NOWHERE)])
  await untilPhase(namespace, 'ours', 'Pending')
  const get = async (...args: string[]) => {
    const { stdout, stderr } = await kubectl(['get', ...args, '-n', namespace, '-o', 'name'])
    return { stdout: stdout.trim(), stderr: stderr.trim() }
  }
  const ours = { stdout: 'agentjob.agentjob.io/ours', stderr: '' }
  // the group that comes first by the alphabet has it
  const warning = `Warning: short name "aj" could also match lower priority resource agentjobs.${THURKUBE}`
  expect(await get('aj')).toEqual({ ...ours, stderr: warning })
  for (const name of ['agentjobs', 'agentjobs.agentjob.io']) expect(await get(name)).toEqual(ours)
  expect((await get(`agentjobs.${THURKUBE}`)).stdout).toBe('agentjob.thurkube.thurbeen.eu/theirs')
  expect((await get('agents')).stdout.split('\n')).toEqual([ours.stdout, 'agentruntime.agentjob.io/echo'])
  const { stdout } = await kubectl(['get', `agentjob.${THURKUBE}/theirs`, '-n', namespace, '-o', 'json'])
  expect(Object.keys(JSON.parse(stdout))).not.toContain('expansion')
  for (const args of [['get'], ['rerun', 'ours'], ['stop', 'ours']]) {
    const { code, stderr } = await agentjob([...args, '-n', namespace])
    expect([args[0], code, stderr]).toEqual([args[0], 0, ''])
  }
})
