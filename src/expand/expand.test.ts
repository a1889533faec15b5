import { describe, expect, test } from 'bun:test'
import type { Expansion } from '../api/expansion.ts'
import { formatFinding } from '../api/finding.ts'
import { expand, RENDERER } from './expand.ts'
import { agentJob, inputFor, type Objects, SETTINGS } from './fixtures.ts'
import type { ExpandInput } from './input.ts'
import { Settings } from './settings.ts'

const childrenOf = ({ resources }: Expansion) => resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

const AUTH: Objects = { 'AgentAuth/model': { secretRef: { name: 's', key: 'k' } } }
const ACCESS: Objects = {
  'ClusterAccess/reader': { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
}
const WIDE: Objects = {
  'ClusterAccess/reader': { scope: 'Cluster', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
}

describe('the children', () => {
  const cases: { name: string; spec: object; objects?: Objects; want: string[] }[] = [
    { name: 'of a run', spec: {}, want: ['Job hello-REVISION'] },
    { name: 'of a schedule', spec: { schedule: '@daily' }, want: ['CronJob hello'] },
    {
      name: 'with a volume',
      spec: { persist: true },
      want: ['PersistentVolumeClaim hello-data', 'Job hello-REVISION'],
    },
    {
      name: 'with rights in the namespace',
      spec: { clusterAccessRef: 'reader' },
      objects: ACCESS,
      want: ['ServiceAccount hello-runner', 'Role hello-runner', 'RoleBinding hello-runner', 'Job hello-REVISION'],
    },
    {
      name: 'with rights everywhere',
      spec: { clusterAccessRef: 'reader' },
      objects: WIDE,
      want: [
        'ServiceAccount hello-runner',
        'ClusterRole agentjob:agents:hello',
        'ClusterRoleBinding agentjob:agents:hello',
        'Job hello-REVISION',
      ],
    },
    {
      name: 'with a long prompt',
      spec: { prompt: 'x'.repeat(32768) },
      want: ['ConfigMap hello-config-HASH', 'Job hello-REVISION'],
    },
    { name: 'with a prompt that just fits', spec: { prompt: 'x'.repeat(32768 - 47) }, want: ['Job hello-REVISION'] },
  ]
  for (const { name, spec, objects, want } of cases)
    test(name, () => {
      const { expansion, errors } = expand(inputFor(spec, objects))
      expect(errors).toEqual([])
      const names = childrenOf(expansion).map((child) =>
        child.replace(expansion.revision, 'REVISION').replace(/config-[0-9a-f]{10}$/, 'config-HASH'),
      )
      expect(names).toEqual(want)
    })
})

describe('what is wrong', () => {
  const deny = Settings.parse({ missingReferences: 'Deny' })
  const cases: { name: string; input: ExpandInput; want: string[] }[] = [
    {
      name: 'a token without a variable',
      input: inputFor({ authRef: 'model' }, AUTH),
      want: [
        'spec.authRef: AgentRuntime "echo" has no authEnvVar to put the token in; set it there, or leave authRef out',
      ],
    },
    {
      name: 'a podTemplate, although the AgentRuntime is missing',
      input: inputFor({ podTemplate: { spec: { hostPID: true } } }, { 'AgentRuntime/echo': undefined }),
      want: ['spec.podTemplate.spec.hostPID: is never allowed; an agent stays in its own namespaces'],
    },
    {
      name: 'missing references, where they are denied',
      input: inputFor({ authRef: 'model' }, { 'AgentRuntime/echo': undefined }, { settings: deny }),
      want: [
        'spec.runtimeRef: there is no AgentRuntime "echo" in namespace agents; create it first',
        'spec.authRef: there is no AgentAuth "model" in namespace agents; create it first',
      ],
    },
    {
      name: 'too large',
      input: inputFor({ prompt: 'ä'.repeat(300_000) }),
      want: [
        expect.stringMatching(
          /^spec\.prompt: takes 600002 bytes, and spec and expansion 12\d{5} together; at most 1048576 are possible$/,
        ) as never,
      ],
    },
    {
      name: 'too large, by another field',
      input: inputFor({ podTemplate: { spec: { affinity: { x: 'x'.repeat(600_000) } } } }),
      want: [expect.stringMatching(/^spec\.podTemplate: takes 6\d{5} bytes, /) as never],
    },
  ]
  for (const { name, input, want } of cases) {
    test(`${name}: a change is refused, without children`, () => {
      const { errors, expansion } = expand(input)
      expect(errors.map(formatFinding)).toEqual(want)
      expect(expansion.resources).toEqual([])
    })

    test(`${name}: a touch is not, but gets no children either`, () => {
      const { errors, expansion } = expand({ ...input, specChanged: false })
      expect(errors).toEqual([])
      const paths = expansion.problems.map(({ path }) => path)
      expect(paths.length).toBeGreaterThan(0)
      expect(paths).toEqual([...new Set(paths)])
      expect(expansion.resources).toEqual([])
    })
  }
})

describe('a newer renderer', () => {
  const before = expand(inputFor({})).expansion
  const newer: Expansion = { ...before, renderer: RENDERER + 1, resources: [], signature: 'x' }
  const { signature: _, ...unsigned } = newer
  const cases: { name: string; input: Partial<ExpandInput>; kept: boolean }[] = [
    { name: 'is kept while nothing changes', input: {}, kept: true },
    { name: 'is not kept for another spec', input: { job: agentJob({ prompt: 'x' }) }, kept: false },
    { name: 'is not kept for a rerun', input: { job: agentJob({}, { 'agentjob.io/rerun': '1' }) }, kept: false },
    { name: 'is not kept for another requester', input: { requester: 'bob' }, kept: false },
    {
      name: 'is not kept for another reference',
      input: { lookup: inputFor({}, { 'AgentRuntime/echo': { image: 'x' } }).lookup },
      kept: false,
    },
  ]
  for (const { name, input, kept } of cases)
    test(name, () => {
      const { expansion } = expand({ ...inputFor({}), previous: newer, specChanged: false, ...input })
      if (kept) expect(expansion).toEqual(unsigned)
      else expect(expansion.renderer).toBe(RENDERER)
    })
})

describe('a rerun beside a schedule', () => {
  const scheduled = (token?: string, more: object = {}) =>
    agentJob({ schedule: '@daily', ...more }, token === undefined ? undefined : { 'agentjob.io/rerun': token })
  const next = (job: ExpandInput['job'], previous: Expansion | undefined, more: Partial<ExpandInput> = {}) =>
    expand({ ...inputFor({}), specChanged: false, job, previous, ...more }).expansion
  const first = next(scheduled(), undefined)

  test('has a Job of its own until the next one', () => {
    const one = next(scheduled('1'), first)
    expect(childrenOf(one)).toEqual(['CronJob hello', `Job hello-${one.revision}`])
    expect(childrenOf(next(scheduled('1'), one))).toEqual(childrenOf(one))
    expect(childrenOf(next(scheduled(), one))).toEqual(childrenOf(one))
    const two = next(scheduled('2'), one)
    expect(childrenOf(two)).toEqual(['CronJob hello', `Job hello-${two.revision}`])
    expect(two.revision).not.toBe(one.revision)
  })

  test('is not what the token of the first manifest asks for', () => {
    const created = next(scheduled('1'), undefined)
    expect(childrenOf(created)).toEqual(['CronJob hello'])
    expect(childrenOf(next(scheduled('1'), created))).toEqual(['CronJob hello'])
  })

  test('outlasts a change of the spec', () => {
    const one = next(scheduled('1'), first)
    const changed = next(scheduled('1', { prompt: 'x' }), one, { specChanged: true })
    expect(childrenOf(changed)).toEqual(childrenOf(one))
    const without = inputFor({}, { 'AgentRuntime/echo': undefined }).lookup
    const waiting = next(scheduled('1', { prompt: 'y' }), changed, { specChanged: true, lookup: without })
    expect(childrenOf(waiting)).toEqual(childrenOf(one))
    expect(childrenOf(next(scheduled('1', { prompt: 'y' }), waiting))).toEqual(childrenOf(one))
  })

  test('is not what is left of a run that was given a schedule', () => {
    const once = next(agentJob({}, { 'agentjob.io/rerun': '1' }), undefined)
    expect(childrenOf(next(scheduled('1'), once, { specChanged: true }))).toEqual(['CronJob hello'])
  })
})

test('the defaults of the settings', () => expect(SETTINGS).toMatchObject({ missingReferences: 'Warn' }))
