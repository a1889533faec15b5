import { expect, test } from 'bun:test'
import type { Phase } from '../api/agentjobstatus.ts'
import type { CachedAgentJob, CachedJob, CachedPod } from './caches.ts'
import type { Context } from './context.ts'
import { lastWords, recall } from './lastwords.ts'

const pod = (name: string, phase: string, owner = 'run') =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'n', ownerReferences: [{ uid: owner, controller: true }] },
    status: { phase },
  }) as unknown as CachedPod

const run = (condition?: string) =>
  ({
    metadata: { name: 'a-r1', namespace: 'n', uid: 'run' },
    status: { conditions: condition ? [{ type: condition, status: 'True' }] : [] },
  }) as unknown as CachedJob

const cases: { name: string; given: CachedJob; told?: Phase; known: CachedPod[]; asked: boolean; want: string[] }[] = [
  { name: 'a run that goes on', given: run(), known: [pod('a', 'Running')], asked: false, want: ['a Running'] },
  {
    name: 'an end that was seen',
    given: run('Complete'),
    known: [pod('a', 'Failed')],
    asked: false,
    want: ['a Failed'],
  },
  {
    name: 'an end that was told already',
    given: run('Complete'),
    told: 'Succeeded',
    known: [],
    asked: false,
    want: [],
  },
  {
    name: 'a pod that still runs, as far as the watch has told',
    given: run('Complete'),
    known: [pod('a', 'Failed'), pod('b', 'Running')],
    asked: true,
    want: ['b Succeeded', 'a Failed'],
  },
  {
    name: 'a pod of which only an outline is left',
    given: run('Complete'),
    known: [{ ...pod('b', 'Succeeded'), told: true }],
    asked: true,
    want: ['b Succeeded'],
  },
  { name: 'a pod that the watch has not told of', given: run('Failed'), known: [], asked: true, want: ['b Succeeded'] },
]

for (const { name, given, told, known, asked, want } of cases)
  test(`${name}: ${asked ? 'asks' : 'does not ask'} the API server`, async () => {
    const selectors: unknown[] = []
    const client = {
      async list(_: unknown, { labelSelector }: { labelSelector: string }) {
        selectors.push(labelSelector)
        return { items: [pod('b', 'Succeeded'), pod('c', 'Succeeded', 'other')] }
      },
    }
    const job = { status: { runs: told ? [{ uid: 'run', jobName: 'a-r1', phase: told }] : [] } }
    const ctx = { client } as unknown as Context
    const pods = await lastWords(ctx, job as unknown as CachedAgentJob, given, known)
    expect(pods.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`)).toEqual(want)
    expect(selectors).toEqual(asked ? ['batch.kubernetes.io/controller-uid=run'] : [])
  })

const recalls: { name: string; run: CachedJob; told?: Phase; live?: string; asked: boolean; want?: string }[] = [
  { name: 'a whole one', run: run('Complete'), asked: false },
  { name: 'an outline whose status is there', run: { ...run('Complete'), told: true }, told: 'Failed', asked: false },
  { name: 'an outline', run: { ...run('Complete'), told: true }, live: 'run', asked: true, want: '2026-01-01' },
  { name: 'an outline of one that is gone', run: { ...run('Complete'), told: true }, asked: true },
  { name: 'an outline of one that another replaced', run: { ...run('Failed'), told: true }, live: 'b', asked: true },
]

for (const { name, run, told, live, asked, want } of recalls)
  test(`recall ${name}: ${asked ? 'asks' : 'does not ask'} the API server`, async () => {
    let reads = 0
    const client = {
      async get() {
        reads++
        return live && { metadata: { ...run.metadata, uid: live }, status: { startTime: '2026-01-01' } }
      },
    }
    const job = { status: { runs: told ? [{ uid: 'run', jobName: 'a-r1', phase: told }] : [] } }
    const ctx = { client } as unknown as Context
    const found = await recall(ctx, job as unknown as CachedAgentJob, run)
    expect(found.status?.startTime).toBe(want)
    expect(reads).toBe(asked ? 1 : 0)
  })
