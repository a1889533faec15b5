import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import manifest from '../../package.json' with { type: 'json' }
import { type Fields, isFields } from '../../src/api/isfields.ts'
import { GROUP, VERSION } from '../../src/api/kind.ts'
import { kinds } from '../../src/api/kinds.ts'
import { EgressSettings, withoutEffect } from '../../src/expand/egress/settings.ts'
import { installManifests, labelsOf } from '../../src/install/manifests.ts'
import { overDefaults, Values } from '../../src/install/values.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { run } from '../cluster/exec.ts'
import { CASES, CHART, isHook, NAMESPACE, notesOf, PEM, program, runHelm, template } from './chart.ts'

const { version } = manifest

/** What `agentjob install --print` makes of values, its namespace apart. */
const installed = (values: object): KubeObject[] =>
  installManifests({
    values: Values.parse(overDefaults([values as Fields])),
    namespace: NAMESPACE,
    version,
    labels: labelsOf({ version, managedBy: 'Helm' }),
  })

/** Values of which nothing is said but this one. */
const valuesAt = (path: string, value: unknown) =>
  path.split('.').reduceRight<unknown>((below, key) => ({ [key]: below }), value) as Fields

/** The paths of all maps in values. */
const mapsIn = (values: Fields, above: string[] = []): string[] =>
  Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, key]
    return isFields(value) ? [path.join('.'), ...mapsIn(value, path)] : []
  })

const keyOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`

/** Objects by what they are called, without the label that only a chart can have. */
const byKey = (objects: KubeObject[]) =>
  Object.fromEntries(
    objects.map((object) => {
      const { 'helm.sh/chart': _, ...labels } = object.metadata.labels ?? {}
      return [keyOf(object), { ...object, metadata: { ...object.metadata, labels } }]
    }),
  )

test('chart and program have one version', async () => {
  const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))
  expect([chart.version, chart.appVersion]).toEqual([version, version])
  expect(chart.annotations['artifacthub.io/images']).toContain(`:${version}\n`)
})

test('the chart tells of every kind', async () => {
  const { annotations } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))
  const told = parse(annotations['artifacthub.io/crds']) as object[]
  expect(told).toMatchObject(
    kinds.map(({ kind, plural }) => ({ kind, displayName: kind, name: `${plural}.${GROUP}`, version: VERSION })),
  )
})

test('values.yaml holds the defaults', async () => {
  const values = parse(await readFile(join(CHART, 'values.yaml'), 'utf8'))
  expect(values).toEqual(Values.parse({}))
})

describe.skipIf(!program)('with helm (skipped where it is not to be had)', () => {
  test('helm lint finds nothing', async () => {
    expect(await run(program as string, ['lint', '--strict', CHART])).toContain('0 chart(s) failed')
  })

  describe('the chart renders what "agentjob install" does', () => {
    test.each(CASES)('$name', async ({ values }) => {
      const rendered = (await template(values)).filter((object) => !isHook(object))
      const [ours, theirs] = [byKey(installed(values)), byKey(rendered)]
      expect(Object.keys(theirs).sort()).toEqual(Object.keys(ours).sort())
      for (const [key, object] of Object.entries(theirs))
        expect<object>({ [key]: object }).toEqual({ [key]: ours[key] })
    })
  })

  test('names of hosts are held to by Cilium where the cluster has it', async () => {
    const rendered = (...more: string[]) => runHelm('template', { egress: { enabled: true } }, ...more)
    const [without, withCilium] = [await rendered(), await rendered('--api-versions', 'cilium.io/v2')]
    expect(without).toContain('"hosts": "Ports"')
    expect(without).not.toContain('ciliumnetworkpolicies')
    expect(withCilium).toContain('"hosts": "Cilium"')
    expect(withCilium).toContain('ciliumnetworkpolicies')
  })

  test('no object is rendered twice', async () => {
    const keys = (await template()).map(keyOf)
    expect(keys.length).toBe(new Set(keys).size)
  })

  describe('what is no value is refused', () => {
    const refused = [
      { name: 'a typo', values: { webhok: {} }, says: 'webhok' },
      { name: 'a typo further down', values: { webhook: { replica: 2 } }, says: 'replica' },
      { name: 'a setting that is none', values: { settings: { libraryNamspace: 'a' } }, says: 'libraryNamspace' },
      {
        name: 'a setting that is a value of its own',
        values: { settings: { clusterAccess: true } },
        says: 'clusterAccess',
      },
      { name: 'a mode that is none', values: { certificates: { mode: 'selfsigned' } }, says: 'mode' },
      { name: 'a policy that is none', values: { webhook: { failurePolicy: 'fail' } }, says: 'failurePolicy' },
      { name: 'text for a number', values: { controller: { replicas: 'two' } }, says: 'replicas' },
      { name: 'no time at all', values: { webhook: { timeoutSeconds: 60 } }, says: 'timeoutSeconds' },
      { name: 'an image that is none', values: { settings: { images: { git: 'https://example.com' } } }, says: 'git' },
      ...[
        { resources: { limits: { memory: '2 GB' } } },
        { resources: { limit: { memory: '2Gi' } } },
        { caBundle: { configMap: 'Corp' } },
        { proxy: { https: 'http://me:secret@proxy.example.com:3128' } },
        { proxy: { noProxy: ['.svc,.cluster.local'] } },
      ].map((pods) => ({
        name: JSON.stringify(pods),
        values: { settings: { pods } },
        says: Object.keys(pods)[0] ?? '',
      })),
      { name: 'the port of probes', values: { webhook: { port: 8080 } }, says: 'port' },
      { name: 'the port of probes of a fourth process', values: { webhook: { port: 8083 } }, says: 'port' },
      { name: 'no process at all', values: { webhook: { processes: 0 } }, says: 'processes' },
      { name: 'more processes than ports', values: { webhook: { processes: 5 } }, says: 'processes' },
      ...['10.0.0.0/99', '10.0.0.0', '10.0.0.0/8,10.1.0.0/8'].map((cidr) => ({
        name: `addresses that are none, ${cidr}`,
        values: { networkPolicy: { apiServers: [cidr] } },
        says: 'apiServers',
      })),
      { name: 'addresses of egress that are none', values: { egress: { private: ['10.0.0.0'] } }, says: 'private' },
      {
        name: 'a host of egress that is none',
        values: { egress: { ceiling: { hosts: ['https://a'] } } },
        says: 'hosts',
      },
      ...[{ namespace: 'kube-system' }, { labels: { a: 'b' } }, { namespace: 'kube-system', labels: {} }].map(
        (pods) => ({
          name: `pods that anybody could have, ${JSON.stringify(pods)}`,
          values: { egress: { dnsPods: [pods] } },
          says: 'dnsPods',
        }),
      ),
      { name: 'a way of egress that is none', values: { egress: { hosts: 'cilium' } }, says: 'hosts' },
      ...['5s', '29s999ms', '20000ms', '0h', '2160', '1d'].map((duration) => ({
        name: `a certificate for ${duration}`,
        values: { certificates: { selfSigned: { duration } } },
        says: 'duration',
      })),
      { name: 'a digest that is none', values: { image: { digest: 'sha256:abc' } }, says: 'digest' },
    ]
    test.each(refused)('$name, by helm and by the program', async ({ values, says }) => {
      await expect(template(values)).rejects.toThrow(says)
      expect(() => installed(values)).toThrow(says)
    })

    const misspelt = ['settings.pods.resources.limits', 'webhook.resources.requests', 'controller.resources.limits']
    test.each(misspelt)('a resource that is misspelt, with its place: %s', async (path) => {
      const values = valuesAt(path, { memmory: '1Gi' })
      const place = `/${path.replaceAll('.', '/')}`
      await expect(template(values)).rejects.toThrow(`at '${place}': additional properties 'memmory' not allowed`)
      expect(() => installed(values)).toThrow('must be the name of a resource such as cpu or nvidia.com/gpu')
    })

    // the program takes the defaults then
    test.each(mapsIn(Values.parse({})))('%s that is left empty, or is rendered', async (path) => {
      const end = await template(valuesAt(path, null)).then(
        () => 'rendered',
        ({ message }: Error) => message,
      )
      if (end !== 'rendered' || !path.includes('.'))
        expect(end).toContain(`${path} is empty in the values: leave the line out, or give it members`)
    })

    const missing = [
      {
        given: { caBundle: PEM },
        says: 'certificates.provided.secretName is needed where certificates.mode is provided',
      },
      {
        given: { secretName: 'a' },
        says: 'certificates.provided.caBundle is needed where certificates.mode is provided',
      },
    ]
    test.each(missing)('a certificate that is not provided: $says', async ({ given, says }) => {
      const values = { certificates: { mode: 'provided', provided: given } }
      await expect(template(values)).rejects.toThrow(says)
      expect(() => installed(values)).toThrow(says)
    })
  })

  test('the notes say what to do next', async () => {
    const notes = await notesOf({})
    expect(notes).toContain('kubectl -n agents get agents')
    expect(notes).not.toContain('no effect')
    expect(notes).toMatch(/before it does:.* apply -f claude-code\.yaml/s)
    const [, example = ''] = /A first AgentJob: (\S+)/.exec(notes) ?? []
    expect(await readFile(join(CHART, '..', '..', example), 'utf8')).toContain('kind: AgentJob')
  })

  test('and that nobody is known to enforce policies', async () => {
    const says = 'egress.enforcedBy names the\nnetwork plugin'
    expect(await notesOf({ egress: { enabled: true } })).toContain(says)
    for (const egress of [{}, { enabled: true, enforcedBy: 'calico' }, { enabled: true, hosts: 'Cilium' }])
      expect(await notesOf({ egress })).not.toContain(says)
  })

  const idle: Fields[] = [
    { ceiling: { enabled: true } },
    ...[{ hosts: ['a.example.com'] }, { ports: [22] }, { cidrs: ['10.0.0.0/8'] }, { selectors: true }].map(
      (ceiling) => ({ ceiling }),
    ),
    { enforcedBy: 'calico', ceiling: { enabled: true } },
    { enabled: true, ceiling: { hosts: ['a.example.com'] } },
    { enabled: true, enforcedBy: 'calico', ceiling: { enabled: true } },
    { ceiling: { ports: [443] } },
  ]
  test.each(idle)('and what has no effect, as the program does: %j', async (egress) => {
    const said = (await notesOf({ egress })).split('\n').filter((line) => line.includes('no effect'))
    expect(said.sort()).toEqual(
      withoutEffect(EgressSettings.parse(egress))
        .map((sentence) => `${sentence}.`)
        .sort(),
    )
  })

  test('and that notifications do not get out', async () => {
    const notesWith = (egress: object) =>
      notesOf({ networkPolicy: { egress }, settings: { notify: { hosts: ['example.com'] } } })
    const says = 'let them out to their hosts with networkPolicy.egress.to'
    expect(await notesWith({ enabled: true })).toContain(says)
    expect(await notesWith({ enabled: true, to: [{}] })).not.toContain(says)
    expect(await notesWith({ enabled: false })).not.toContain(says)
  })
})
