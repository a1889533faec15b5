import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { AgentJobSpec, RERUN_ANNOTATION } from '../../src/api/agentjob.ts'
import { withoutDefaults } from '../../src/api/defaults.ts'
import type { ChildResource, Expansion } from '../../src/api/expansion.ts'
import { matchesGlob } from '../../src/api/glob.ts'
import { canonicalJson, hash } from '../../src/api/hash.ts'
import { isPolicy } from '../../src/expand/egress/egress.ts'
import { expand } from '../../src/expand/expand.ts'
import type { ExpandInput, NamedAgentJob } from '../../src/expand/input.ts'
import type { Quota } from '../../src/expand/quotas.ts'
import { everyGrant, looksElsewhere } from '../../src/expand/references.ts'
import { specHash } from '../../src/expand/revision.ts'
import { Settings } from '../../src/expand/settings.ts'
import { settingsHash } from '../../src/expand/settingshash.ts'
import { frozen, jobOf, lookupIn, RUNTIME, SETTINGS, specs, type World, worlds } from './arbitraries.ts'

fc.configureGlobal({ numRuns: Number(process.env.AGENTJOB_PROPERTY_RUNS ?? 100) })
setDefaultTimeout(600_000)

type Change = Partial<ExpandInput> & { world: World }

function run(job: NamedAgentJob, { world, ...change }: Change) {
  const grants = everyGrant(job.spec, 'agents', SETTINGS)
  const previous = change.previous && frozen(change.previous)
  return expand({
    job,
    specChanged: previous === undefined,
    requester: 'alice',
    grants,
    lookup: lookupIn(world),
    quotas: [],
    settings: SETTINGS,
    ...change,
    previous,
  })
}

/** What stands in pods by the settings: nothing, or any of it. */
const inPods = fc.record(
  {
    pods: fc.record(
      {
        resources: fc.constant({ requests: { cpu: '100m' }, limits: { memory: '1Gi' } }),
        caBundle: fc.constantFrom({ configMap: 'corp-ca' }, { configMap: 'corp-ca', key: 'bundle.pem' }),
        proxy: fc.constantFrom({ https: 'http://proxy:3128', noProxy: ['.svc'] }, { http: 'http://proxy' }),
      },
      { requiredKeys: [] },
    ),
    images: fc.constantFrom({ git: 'mirror.example/git-sync:1' }, { url: 'mirror.example/curl:1' }),
  },
  { requiredKeys: [] },
)
const settingsOfPods = inPods.map((some) => Settings.parse({ ...some, libraryNamespace: 'library' }))
/** The same with another library, or none. */
const settingsOfAny = fc
  .tuple(inPods, fc.constantFrom(undefined, 'library', 'agents', 'elsewhere'))
  .map(([some, libraryNamespace]) => Settings.parse({ ...some, libraryNamespace }))

/** AgentQuotas of a namespace, most of which allow much. */
const quotas: fc.Arbitrary<Quota[]> = fc
  .subarray([
    { allowedImages: ['*'] },
    { allowedImages: ['**'] },
    { allowedImages: ['nothing'] },
    { allowedRuntimes: ['agents/*', 'library/*'] },
    { minScheduleIntervalSeconds: 3600, maxTimeoutSeconds: 100_000 },
    { maxRunningRuns: 1 },
  ])
  .map((specs) => specs.map((spec, index) => ({ name: `q${index}`, spec, hash: hash(spec, 32) })))

/** AgentJobs, and worlds of AgentRuntimes, about which these have something to say. */
const quotaed = fc.record({
  prompt: fc.constant('x'),
  runtimeRef: fc.constantFrom('one', 'two'),
  schedule: fc.constantFrom(undefined, '@daily', '* * * * *'),
})
const runtimes: fc.Arbitrary<World> = fc
  .array(fc.tuple(fc.constantFrom('agents/one', 'agents/two', 'library/one'), fc.constantFrom('a', 'b/c', 'nothing')))
  .map((pairs) => new Map(pairs.map(([at, image]) => [`AgentRuntime/${at}`, { image }])))

/** Every image that stands in the Jobs and CronJobs of an expansion. */
const imagesIn = ({ resources }: Expansion): string[] =>
  [...JSON.stringify(resources.map(({ spec }) => spec)).matchAll(/"image":"([^"]+)"/g)].map(
    ([, image]) => image as string,
  )

const bytes = (value: unknown) => canonicalJson(value)
/** What a stored object comes back as. */
const stored = (expansion: Expansion): Expansion => JSON.parse(JSON.stringify(expansion))

/** The same value with the members of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}

describe('expand', () => {
  test('the same input gives the same bytes, and is left as it was', () => {
    fc.assert(
      fc.property(specs(), worlds, (spec, world) => {
        expect(bytes(run(jobOf(spec), { world }))).toBe(bytes(run(jobOf(spec), { world })))
      }),
    )
  })

  test('is a fixed point', () => {
    fc.assert(
      fc.property(specs(), worlds, fc.option(fc.string(), { nil: undefined }), (spec, world, token) => {
        const job = jobOf(spec, token === undefined ? {} : { annotations: { [RERUN_ANNOTATION]: token } })
        const first = run(job, { world })
        if (first.errors.length) return
        const again = run(job, { world, previous: stored(first.expansion) })
        expect(again.errors).toEqual([])
        expect(bytes(again.expansion)).toBe(bytes(first.expansion))
      }),
    )
  })

  test('other settings of what stands in pods run nothing again and refuse no touch, and what comes of it is a fixed point', () => {
    fc.assert(
      fc.property(
        fc.oneof(specs(), quotaed),
        fc.oneof(worlds, runtimes),
        settingsOfPods,
        settingsOfPods,
        (spec, world, before, settings) => {
          const job = jobOf(spec)
          const first = run(job, { world, settings: before })
          if (first.errors.length) return
          const touched = run(job, { world, settings, previous: stored(first.expansion) })
          expect(touched.errors).toEqual([])
          const { revision, configHash } = first.expansion
          expect(touched.expansion).toMatchObject({ revision, configHash })
          const again = run(job, { world, settings, previous: stored(touched.expansion) })
          expect(bytes(again.expansion)).toBe(bytes(touched.expansion))
        },
      ),
    )
  })

  const [anySpec, anyWorld] = [fc.oneof(specs(), quotaed), fc.oneof(worlds, runtimes)]
  test('one touch under other settings is enough for the controller', () => {
    let elsewhere = 0
    fc.assert(
      fc.property(anySpec, anyWorld, settingsOfAny, settingsOfAny, (spec, world, before, settings) => {
        const job = jobOf(spec)
        const first = run(job, { world, settings: before })
        if (first.errors.length) return
        if (looksElsewhere(first.expansion.references, 'agents', settings)) elsewhere++
        const { expansion } = run(job, { world, settings, previous: stored(first.expansion) })
        expect(looksElsewhere(expansion.references, 'agents', settings)).toBe(false)
        if (!expansion.problems.length) expect(expansion.settingsHash).toBe(settingsHash(settings))
      }),
    )
    // otherwise the property says nothing
    expect(elsewhere).toBeGreaterThan(3)
  })

  test('under AgentQuotas a touch is never refused, is a fixed point, and brings no image that is not allowed', () => {
    let kept = 0
    fc.assert(
      fc.property(quotaed, runtimes, runtimes, quotas, quotas, (spec, world, later, before, now) => {
        const job = jobOf(spec)
        const first = run(job, { world, quotas: before })
        if (first.errors.length) return
        const touched = run(job, { world: later, quotas: now, previous: stored(first.expansion) })
        expect(touched.errors).toEqual([])
        const again = run(job, { world: later, quotas: now, previous: stored(touched.expansion) })
        expect(bytes(again.expansion)).toBe(bytes(touched.expansion))
        const [had, has] = [imagesIn(first.expansion), imagesIn(touched.expansion)]
        const news = has.filter((image) => !had.includes(image))
        const allows =
          ({ spec }: Quota) =>
          (image: string) =>
            !spec?.allowedImages || spec.allowedImages.some((pattern) => matchesGlob(pattern, image))
        for (const quota of now) expect(news.filter((image) => !allows(quota)(image))).toEqual([])
        if (touched.expansion.problems.some(({ reason }) => reason === 'ForbiddenByQuota')) kept++
      }),
    )
    // otherwise the property says nothing
    expect(kept).toBeGreaterThan(3)
  })

  test('defaults left out or spelled out mean the same', () => {
    fc.assert(
      fc.property(specs(), worlds, (spec, world) => {
        const spelled = AgentJobSpec.parse(spec)
        const short = withoutDefaults(AgentJobSpec, spelled) as Record<string, unknown>
        expect(specHash(spec)).toBe(specHash(spelled))
        const [one, other] = [run(jobOf(spelled), { world }), run(jobOf(short), { world })]
        for (const field of ['revision', 'specHash', 'inputHash', 'configHash'] as const)
          expect(other.expansion[field]).toBe(one.expansion[field])
      }),
    )
  })

  test('the order of keys means nothing', () => {
    fc.assert(
      fc.property(specs(), worlds, (spec, world) => {
        const other = jobOf(reversed(spec) as Record<string, unknown>)
        const otherWorld = new Map([...world].map(([key, value]) => [key, reversed(value)]))
        expect(bytes(run(other, { world: otherWorld }))).toBe(bytes(run(jobOf(spec), { world })))
      }),
    )
  })

  const notInput = fc.record(
    {
      suspend: fc.boolean(),
      ttlSecondsAfterFinished: fc.nat(1000),
      successfulRunsHistoryLimit: fc.nat(100),
      failedRunsHistoryLimit: fc.nat(100),
      redeploy: fc.constantFrom('OnSpecChange', 'OnChange', 'Never'),
      queueName: fc.constantFrom('q', 'other'),
      priorityClassName: fc.constantFrom('low', 'high'),
    },
    { requiredKeys: [] },
  )

  test('what decides when and where to run, but not what, starts nothing', () => {
    fc.assert(
      fc.property(specs(), notInput, worlds, worlds, (spec, change, world, later) => {
        const first = run(jobOf(spec), { world })
        if (first.errors.length) return
        const changed = run(jobOf({ ...spec, ...change }), {
          world,
          previous: stored(first.expansion),
          specChanged: true,
        })
        if (changed.errors.length) return
        expect(changed.expansion.revision).toBe(first.expansion.revision)
        expect(changed.expansion.inputHash).toBe(first.expansion.inputHash)
        const withheld = run(jobOf({ ...spec, ...change }), {
          world: new Map([...later].filter(([key]) => !key.startsWith('AgentRuntime/'))),
          previous: stored(first.expansion),
          specChanged: true,
        })
        // and ends nothing, although it cannot be rendered anew
        const jobs = ({ resources }: Expansion) => resources.filter(({ kind }) => kind === 'Job').map(bytes)
        if (!withheld.errors.length) expect(jobs(withheld.expansion)).toEqual(jobs(first.expansion))
      }),
    )
  })

  test('A → B → A is three revisions', () => {
    fc.assert(
      fc.property(specs(), specs(), worlds, (a, b, world) => {
        const [one, two] = [a, b].map((spec) => jobOf({ ...spec, schedule: undefined, redeploy: 'OnSpecChange' })) as [
          NamedAgentJob,
          NamedAgentJob,
        ]
        const revisions: string[] = []
        let previous: Expansion | undefined
        for (const job of [one, two, one]) {
          const { expansion, errors } = run(job, { world, previous, specChanged: true })
          if (errors.length || (previous && expansion.inputHash === previous.inputHash)) return
          revisions.push(expansion.revision)
          previous = stored(expansion)
        }
        expect(new Set(revisions).size).toBe(3)
      }),
    )
  })

  test('a touch is never refused, and starts nothing unless a reference may', () => {
    fc.assert(
      fc.property(specs(), fc.array(worlds, { minLength: 1, maxLength: 4 }), fc.boolean(), (spec, states, entitled) => {
        const job = jobOf(spec)
        let previous: Expansion | undefined
        for (const world of states) {
          const grants = entitled ? {} : { grants: [] }
          const { expansion, errors } = run(job, { world, previous, specChanged: false, ...grants })
          expect(errors).toEqual([])
          if (previous && job.spec.redeploy !== 'OnChange') expect(expansion.revision).toBe(previous.revision)
          const again = run(job, { world, previous: stored(expansion), specChanged: false, ...grants })
          expect(bytes(again.expansion)).toBe(bytes(expansion))
          previous = stored(expansion)
        }
      }),
    )
  })

  /** AgentJobs that lead somewhere, and worlds in which they do. */
  const leading = fc.record({
    prompt: fc.constant('x'),
    runtimeRef: fc.constant('one'),
    schedule: fc.constantFrom(undefined, '@daily'),
    mcpServerRefs: fc.subarray(['one', 'two']),
    persist: fc.boolean(),
  })
  const hosts = fc.constantFrom('a.example.com:1', '10.0.0.1', '[::1]', 'mcp', 'mcp.tools.svc:8080', '*.a.b', '_')
  const somewhere: fc.Arbitrary<World> = fc
    .record({
      egress: fc.option(fc.record({ to: fc.array(RUNTIME['spec.egress.to[]'] as fc.Arbitrary<unknown>) }), {
        nil: undefined,
      }),
      dialect: fc.constantFrom('agent-json', 'claude-code', 'goose'),
      urls: fc.tuple(hosts, hosts),
    })
    .map(
      ({ egress, dialect, urls: [one, two] }) =>
        new Map<string, unknown>([
          ['AgentRuntime/agents/one', { image: 'a', dialect, ...(egress ? { egress } : {}) }],
          ['McpServer/agents/one', { url: `https://${one}/mcp` }],
          ['McpServer/agents/two', { url: `http://${two}/mcp` }],
        ]),
    )

  const EGRESS = Settings.parse({ ...SETTINGS, egress: { enabled: true } })

  test('limited, pods go nowhere but where a rule says to whom, and everything else is as without', () => {
    fc.assert(
      fc.property(leading, somewhere, fc.constantFrom('Ports', 'Cilium'), (spec, world, hosts) => {
        const settings = { ...EGRESS, egress: { ...EGRESS.egress, hosts } as typeof EGRESS.egress }
        const [plain, limited] = [run(jobOf(spec), { world }), run(jobOf(spec), { world, settings })]
        expect([...limited.errors, ...plain.errors, ...plain.expansion.problems]).toEqual([])
        const { egress, resources, ...rest } = stored(limited.expansion)
        const { egress: _, ...before } = stored(plain.expansion)
        expect(bytes({ ...rest, resources: resources.filter((child) => !isPolicy(child)) })).toBe(bytes(before))
        const policies = resources.filter(isPolicy)
        const policy = policies.find(({ kind }) => kind === 'NetworkPolicy')
        const more = policies.filter(({ kind }) => kind === 'CiliumNetworkPolicy')
        expect(more.length).toBe(hosts === 'Cilium' ? 1 : 0)
        const { policyTypes, egress: rules = [] } = (policy as ChildResource).spec as {
          policyTypes: string[]
          egress?: { to?: object[] }[]
        }
        expect(policyTypes).toEqual(['Egress'])
        for (const { to } of rules) expect(to?.length).toBeGreaterThan(0)
        for (const peer of rules.flatMap(({ to = [] }) => to)) expect(Object.keys(peer).length).toBeGreaterThan(0)
        for (const rule of more.flatMap(({ spec }) => (spec as { egress: object[] }).egress))
          expect(Object.keys(rule).some((key) => /^to(FQDNs|Endpoints|Entities|CIDR)$/.test(key))).toBe(true)
      }),
    )
  })

  test('a rerun token is honoured once, however long something is in the way', () => {
    fc.assert(
      fc.property(specs(), worlds, fc.array(fc.boolean(), { maxLength: 3 }), (spec, world, missing) => {
        const first = run(jobOf(spec), { world })
        if (first.errors.length || first.expansion.problems.length) return
        const job = jobOf(spec, { annotations: { [RERUN_ANNOTATION]: 'again' } })
        const without = new Map([...world].filter(([key]) => !key.startsWith('AgentRuntime/')))
        let previous = stored(first.expansion)
        for (const gone of [...missing, false, true, false])
          previous = stored(run(job, { world: gone ? without : world, previous, specChanged: false }).expansion)
        expect(previous.revision).not.toBe(first.expansion.revision)
        expect(previous.rerun).toBe('again')
        const names = previous.resources.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name)
        expect(names).toEqual([`job-${previous.revision}`])
      }),
    )
  })
})
