import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type {
  V1CronJobSpec,
  V1JobSpec,
  V1ObjectMeta,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Volume,
} from '@kubernetes/client-node'
import fc from 'fast-check'
import { AgentJobSpec } from '../../src/api/agentjob.ts'
import type { ChildResource } from '../../src/api/expansion.ts'
import { isLabelKey, isLabelValue } from '../../src/api/labels.ts'
import { expand } from '../../src/expand/expand.ts'
import type { Lookup, NamedAgentJob } from '../../src/expand/input.ts'
import { referenced } from '../../src/expand/referenced.ts'
import { frozen, jobOf, lookupIn, SETTINGS, specs, worlds } from './arbitraries.ts'
import { violations } from './podsecurity.ts'
import { podTemplates } from './podtemplates.ts'

fc.configureGlobal({ numRuns: Number(process.env.AGENTJOB_PROPERTY_RUNS ?? 300) })
setDefaultTimeout(600_000)

type Template = V1PodTemplateSpec & { metadata: V1ObjectMeta; spec: V1PodSpec & { volumes: V1Volume[] } }

const templateOf = ({ kind, spec }: ChildResource): Template =>
  kind === 'CronJob'
    ? ((spec as V1CronJobSpec).jobTemplate.spec?.template as Template)
    : ((spec as V1JobSpec).template as Template)

const PLAINLY = { quotas: [], settings: SETTINGS }
const PLAIN = AgentJobSpec.parse({ prompt: 'x', runtimeRef: 'x' })

const runtime: Lookup = (kind) =>
  kind === 'AgentRuntime' ? referenced(kind, { image: 'x', runtimeClassName: 'gvisor' }) : undefined

function podOf(podTemplate: Record<string, unknown>) {
  const job = { metadata: { name: 'job', namespace: 'agents' }, spec: { ...PLAIN, podTemplate } } as NamedAgentJob
  const input = { job: frozen(job), specChanged: true, requester: '', grants: [], lookup: runtime, ...PLAINLY }
  const { expansion, errors } = expand(input)
  return { template: expansion.resources.map(templateOf)[0], errors }
}

describe('any podTemplate', () => {
  let accepted = 0
  let sidecars = 0

  test('that is accepted leaves the pod restricted, without a token, and in its sandbox', () => {
    fc.assert(
      fc.property(podTemplates, (podTemplate) => {
        const { template, errors } = podOf(podTemplate)
        if (errors.length) return
        accepted++
        const { spec, metadata } = template as Template
        if (spec.containers.length > 1 || spec.initContainers) sidecars++
        expect(violations({ metadata, spec })).toEqual([])
        expect(spec.automountServiceAccountToken).toBe(false)
        expect(spec.serviceAccountName).toBeUndefined()
        expect(spec.serviceAccount).toBeUndefined()
        expect(spec.runtimeClassName).toBe('gvisor')
        expect([spec.nodeName, spec.priority, spec.priorityClassName]).toEqual([undefined, undefined, undefined])
        expect([spec.restartPolicy, spec.activeDeadlineSeconds]).toEqual(['Never', 3600])
        expect(JSON.stringify(spec.volumes)).not.toMatch(/serviceAccountToken|podCertificate/)
        for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
          expect(container.securityContext?.readOnlyRootFilesystem).toBe(true)
        const [agent] = spec.containers
        expect([agent?.name, agent?.image, agent?.env?.length]).toEqual(['agent', 'x', 5])
      }),
    )
    // otherwise the property says nothing
    expect(accepted).toBeGreaterThan(20)
    expect(sidecars).toBeGreaterThan(2)
  })

  test('that is refused is refused with a field below it, and renders nothing', () => {
    fc.assert(
      fc.property(podTemplates, (podTemplate) => {
        const { template, errors } = podOf(podTemplate)
        if (!errors.length) return
        expect(template).toBeUndefined()
        for (const { path, message } of errors) {
          expect(path).toMatch(/^spec\.podTemplate[.[]/)
          expect(message).not.toMatch(/undefined|object Object/)
        }
      }),
    )
  })

  test('names of containers, volumes and mounts stay unique, and what is ours stays first', () => {
    fc.assert(
      fc.property(podTemplates, (podTemplate) => {
        const { template, errors } = podOf(podTemplate)
        if (errors.length) return
        const { spec } = template as Template
        const containers = [...spec.containers, ...(spec.initContainers ?? [])]
        const lists = [containers.map(({ name }) => name), spec.volumes.map(({ name }) => name)]
        for (const { volumeMounts = [] } of containers) lists.push(volumeMounts.map(({ mountPath }) => mountPath))
        for (const names of lists) expect(new Set(names).size).toBe(names.length)
        expect(spec.volumes.slice(0, 3).map(({ name }) => name)).toEqual(['agent-config', 'tmp', 'home'])
        expect(spec.volumes[0]?.downwardAPI?.items?.[0]?.fieldRef?.fieldPath).toContain('agentjob.io/agent.json')
      }),
    )
  })
})

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LONGEST: Record<string, number> = { Job: 63, CronJob: 52 }
const KINDS = [
  ...['PersistentVolumeClaim', 'ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  ...['ConfigMap', 'CronJob', 'Job'],
]

describe('any AgentJob', () => {
  const name = fc.constantFrom('a', 'a.b-c', 'x'.repeat(52), `${'x'.repeat(50)}.y`)

  test('has children of known kinds, in its namespace, under names and labels that Kubernetes takes', () => {
    fc.assert(
      fc.property(specs(), worlds, name, (spec, world, name) => {
        const job = jobOf(spec, { name })
        const grants = [{ namespace: 'agents', name: 'one' }]
        const { expansion } = expand({
          ...{ job, specChanged: true, requester: '', grants },
          ...{ lookup: lookupIn(world), ...PLAINLY },
        })
        const seen = new Set<string>()
        for (const child of expansion.resources) {
          const { kind, metadata } = child
          expect(KINDS).toContain(kind)
          const everywhere = kind.startsWith('Cluster')
          expect(metadata.namespace).toBe(everywhere ? undefined : 'agents')
          if (everywhere) expect(metadata.name).toBe(`agentjob:agents:${name}`)
          else expect(metadata.name).toMatch(SUBDOMAIN)
          expect(metadata.name.length).toBeLessThanOrEqual(LONGEST[kind] ?? 253)
          expect(seen.has(`${kind}/${metadata.name}`)).toBe(false)
          seen.add(`${kind}/${metadata.name}`)
          expectValid(metadata)
          if (kind === 'Job' || kind === 'CronJob') {
            const template = templateOf(child)
            expectValid(template.metadata)
            expect(violations(template)).toEqual([])
            expect(template.spec.automountServiceAccountToken).toBe(job.spec.clusterAccessRef !== undefined)
          }
        }
      }),
    )
  })
})

function expectValid({ labels = {}, annotations = {} }: Pick<V1ObjectMeta, 'labels' | 'annotations'>) {
  for (const [key, value] of Object.entries(labels))
    expect([key, isLabelKey(key), isLabelValue(value)]).toEqual([key, true, true])
  for (const key of Object.keys(annotations)) expect([key, isLabelKey(key.toLowerCase())]).toEqual([key, true])
}
