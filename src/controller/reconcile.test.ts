import { describe, expect, test } from 'bun:test'
import { memoryLog } from '../../test/kube/scripted.ts'
import type { Expansion } from '../api/expansion.ts'
import { canonicalJson } from '../api/hash.ts'
import { EgressSettings } from '../expand/egress/settings.ts'
import { expand, RENDERER } from '../expand/expand.ts'
import { inputFor, lookupOf, type Objects } from '../expand/fixtures.ts'
import { expandInvalid } from '../expand/invalid.ts'
import { specHash } from '../expand/revision.ts'
import { Settings } from '../expand/settings.ts'
import { settingsHash } from '../expand/settingshash.ts'
import type { KubeObject } from '../kube/object.ts'
import { Store } from '../kube/store.ts'
import { BY_NAMESPACE, BY_REFERENCE, BY_RUNTIME, type CachedAgentJob } from './caches.ts'
import { type Context, createMemory } from './context.ts'
import { createOutline } from './outline.ts'
import { reconcile } from './reconcile.ts'

/** What admission makes of an expansion when it is asked. */
type Admit = (before: Expansion) => Expansion

/** A leader with one AgentJob among these objects, which it looks at; admission changes nothing unless `admit` does. */
function leader(job: object, admit: Admit = (before) => before, objects: Objects = {}) {
  const store = () => {
    const one = new Store<never>(memoryLog())
    for (const index of ['owner', 'regarding', BY_REFERENCE, BY_RUNTIME, BY_NAMESPACE]) one.index(index, () => [])
    return one
  }
  const agentJobs = store() as unknown as Store<CachedAgentJob>
  const clock = { time: Date.parse('2026-05-04T09:00:00Z') }
  const seen = { touches: 0, written: [] as KubeObject[] }
  const metadata = { namespace: 'agents', name: 'hello', uid: 'u', creationTimestamp: '2026-05-04T09:00:00Z' }
  let version = 1
  let there = { metadata: { ...metadata, resourceVersion: '1' }, ...job } as unknown as CachedAgentJob
  const change = (more: object) => {
    there = { ...there, ...more, metadata: { ...there.metadata, resourceVersion: `${++version}` } }
    agentJobs.upsert(there)
  }
  const cronJobs = store() as unknown as Store<KubeObject>
  const write = async (_: unknown, object: KubeObject) => {
    const written = { ...object, metadata: { ...object.metadata, uid: object.kind, resourceVersion: `${++version}` } }
    seen.written.push(written)
    if (object.kind === 'CronJob') cronJobs.upsert(written)
    return written
  }
  const client = {
    get: async ({ kind }: { kind: string }) => (kind === 'AgentJob' ? there : undefined),
    apply: write,
    create: write,
    mergePatch: async (_: unknown, __: unknown, patch: { status?: object }) => {
      if (patch.status) version++
      else {
        seen.touches++
        const expansion = there.expansion && admit(there.expansion)
        if (canonicalJson(expansion) !== canonicalJson(there.expansion)) change({ expansion })
      }
      return { metadata: { uid: 'u', resourceVersion: `${version}` } }
    },
    async *pages() {},
  }
  const hashOf = (kind: string, namespace: string, name: string) => lookupOf(objects)(kind, namespace, name)?.hash
  const references = { quotasOf: () => [], stores: new Map(), lookup: () => undefined, hashOf }
  const caches = {
    ...{ agentJobs, jobs: store(), pods: store(), failedCreates: store(), failedMounts: store() },
    ...{ children: new Map([['CronJob', cronJobs]]), references, outline: createOutline() },
  }
  const now = () => new Date(clock.time)
  const ctx = {
    ...{ client, caches, now, since: now(), memory: createMemory(), record() {}, log: memoryLog(), enqueue() {} },
    outbox: { owe() {}, deliveriesOf: () => new Map() },
    keys: { holds: async () => true, signs: () => 1 },
    signal: new AbortController().signal,
  } as unknown as Context
  agentJobs.upsert(there)
  return { ctx, clock, seen, now: () => there, look: () => reconcile(ctx, 'agents/hello') }
}
const SPEC = { runtimeRef: 'echo', prompt: 'Say hello.' }

test('an AgentJob that admission is not asked about is left alone for some time, however often it is looked at', async () => {
  const { clock, seen, look } = leader({ spec: SPEC })
  const results = []
  for (let looks = 0; looks < 30; looks++) results.push(await look())
  expect(seen.touches).toBe(11)
  expect(results.slice(0, 10)).toEqual(Array(10).fill({ retry: true }))
  expect(results.at(-1)).toEqual({ afterMs: 60_000 })
  clock.time += 60_000
  await look()
  expect(seen.touches).toBe(12)
})

test('what another version has found invalid is judged anew by each leader, for as long as webhooks may roll, and not again', async () => {
  const spec = { ...SPEC, backoffLimit: -1 }
  const expansion = expandInvalid(spec, [{ path: 'spec.backoffLimit', message: 'is wrong' }], undefined, {})
  for (const _ of ['one', 'the next']) {
    const { seen, look } = leader({ spec, expansion })
    for (let looks = 0; looks < 30; looks++) await look()
    expect(seen.touches).toBe(10)
  }
})

test('what something is in the way of, under a policy by other settings, is asked about a few times', async () => {
  const problems = [{ reason: 'ReferenceNotFound', path: 'spec.runtimeRef', message: '' }]
  const expansion = { ...{ renderer: RENDERER, references: [], resources: [] }, problems, egress: 'another' }
  const { ctx, seen, look } = leader({ spec: SPEC, expansion: { ...expansion, specHash: specHash(SPEC) } })
  ctx.egress = EgressSettings.parse({ enabled: true })
  for (let looks = 0; looks < 30; looks++) await look()
  expect(seen.touches).toBe(10)
})

test('a status waits for other starts only where the Job stays long enough to tell it from', async () => {
  for (const [ttlSecondsAfterFinished, want] of [
    [undefined, { yield: true }],
    [60, { yield: true }],
    [0, undefined],
  ] as const) {
    const spec = { ...SPEC, ttlSecondsAfterFinished }
    const { expansion } = expand(inputFor(spec))
    const { seen, look } = leader({ spec, expansion })
    expect(await look()).toEqual(want)
    expect(seen.written.map(({ kind }) => kind)).toEqual(['Job'])
  }
})

describe('other settings reach what is stored', () => {
  const GIT = { type: 'Git', git: { repository: 'https://git.example/docs.git' }, mountPath: '/docs' }
  const IMAGES = { images: { git: 'mirror.example/git-sync:1' } }
  /** The webhook with these settings. */
  const webhook =
    (spec: object, settings: object, objects?: Objects): Admit =>
    (previous) =>
      expand(inputFor(spec, objects, { settings: Settings.parse(settings), previous, specChanged: false })).expansion

  /** What thirty looks of a leader with `now` come to, at what was stored under `before`, when this webhook answers. */
  async function followed(
    spec: object,
    o: { before: object; now: object; stored?: Expansion; admit?: Admit; objects?: Objects },
  ) {
    const first = expand(inputFor(spec, {}, { settings: Settings.parse(o.before) }))
    const expansion = o.stored ?? first.expansion
    const stored = { spec: { ...SPEC, ...spec }, expansion, status: { revision: expansion.revision } }
    const one = leader(stored, o.admit ?? webhook(spec, o.now, o.objects), o.objects)
    const settings = Settings.parse(o.now)
    Object.assign(one.ctx, { settingsHash: settingsHash(settings), libraryNamespace: settings.libraryNamespace })
    for (let looks = 0; looks < 30; looks++) await one.look()
    return { ...one.seen, before: expansion, now: one.now().expansion }
  }

  test('images: a schedule is rendered anew, by one touch, and its CronJob has them', async () => {
    const spec = { schedule: '@daily', contexts: [GIT] }
    const { touches, written } = await followed(spec, { before: {}, now: IMAGES })
    expect(touches).toBe(1)
    expect(written.map((one) => [one.kind, JSON.stringify(one).includes(IMAGES.images.git)])).toEqual([
      ['CronJob', false],
      ['CronJob', true],
    ])
  })

  test('images: what has started is touched, and not run again', async () => {
    const { touches, written, before, now } = await followed({ contexts: [GIT] }, { before: {}, now: IMAGES })
    expect([touches, written, now?.revision]).toEqual([1, [], before.revision])
    expect(now?.settingsHash).toBeDefined()
  })

  test('images that are the defaults are no others', async () => {
    const { images } = Settings.parse({})
    expect((await followed({ schedule: '@daily' }, { before: {}, now: { images } })).touches).toBe(0)
  })

  test('images that an AgentQuota forbids pause a schedule, and it goes on when they are taken back', async () => {
    const spec = { schedule: '@daily', contexts: [GIT] }
    const quota = { 'AgentQuota/own': { allowedImages: ['echo', 'registry.k8s.io/git-sync/*'] } }
    const { now: paused } = await followed(spec, { before: {}, now: IMAGES, objects: quota })
    expect(paused?.problems.map(({ reason }) => reason)).toEqual(['ForbiddenByQuota'])
    const { touches, now } = await followed(spec, { before: {}, stored: paused, now: {}, objects: quota })
    expect([touches, now?.problems]).toEqual([1, []])
  })

  describe('beside a version that does not know the hash of images', () => {
    const spec = { contexts: [GIT] }
    const unhashed: Admit = (previous) => {
      const { settingsHash: _, ...expansion } = webhook(spec, IMAGES)(previous)
      return expansion
    }

    test('where its webhook keeps answering, the first touch brings the images, and further ones become few', async () =>
      expect((await followed(spec, { before: {}, now: IMAGES, admit: unhashed })).touches).toBe(12))

    test('where both answer in turn, touches end with the first answer of ours', async () => {
      let asked = 0
      const admit: Admit = (previous) => (asked++ % 3 < 2 ? unhashed : webhook(spec, IMAGES))(previous)
      const { touches, now } = await followed(spec, { before: {}, now: IMAGES, admit })
      expect([touches, now?.settingsHash]).toEqual([3, settingsHash(Settings.parse(IMAGES))])
    })

    test('where its controller leads and our webhook answers, touches become few', async () => {
      const o = { before: IMAGES, now: {}, admit: webhook(spec, IMAGES) }
      expect((await followed(spec, o)).touches).toBe(11)
    })
  })

  test('a library: what waits for an object of it is looked up in it, by one touch', async () => {
    const spec = { roleRef: 'careful' }
    const library = { libraryNamespace: 'library' }
    const { touches, now } = await followed(spec, { before: {}, now: library })
    expect(touches).toBe(1)
    expect(now?.references.at(-1)).toMatchObject({ kind: 'AgentRole', namespace: 'library' })
  })
})
