import { expect, test } from 'bun:test'
import type { AgentRuntimeSpec } from '../api/agentruntime.ts'
import type { Fields } from '../api/isfields.ts'
import { resourcesOf, withEveryPods } from './everypod.ts'
import { agentJob } from './fixtures.ts'
import { rendered } from './podtemplate/fixtures.ts'
import { Settings } from './settings.ts'

const settings = (pods: object) => Settings.parse({ pods })
const PROXY = { https: 'http://proxy:3128', noProxy: ['.svc', '10.0.0.0/8'] }

/** The variables of a container that had these, as `NAME=VALUE`. */
function variables(pods: object, own?: Fields[]) {
  const base = rendered()
  const [agent] = base.spec.containers as [Fields]
  const { spec } = withEveryPods(
    { ...base, spec: { ...base.spec, containers: [{ ...agent, env: own }] } },
    settings(pods),
  )
  return (spec.containers[0]?.env as Fields[] | undefined)?.map(({ name, value }) => `${name}=${value}`)
}

const proxies: { name: string; pods: object; own?: Fields[]; want: string[] | undefined }[] = [
  { name: 'none', pods: {}, want: undefined },
  { name: 'what is to be reached without one alone is none', pods: { proxy: { noProxy: ['.svc'] } }, want: undefined },
  {
    name: 'in capitals and not, and before what the container has',
    pods: { proxy: PROXY },
    own: [{ name: 'A', value: '$(https_proxy)' }],
    want: [
      'HTTPS_PROXY=http://proxy:3128',
      'https_proxy=http://proxy:3128',
      'NO_PROXY=.svc,10.0.0.0/8',
      'no_proxy=.svc,10.0.0.0/8',
      'A=$(https_proxy)',
    ],
  },
  {
    name: 'for both protocols, without exception',
    pods: { proxy: { http: 'http://a', https: 'http://b' } },
    want: ['HTTP_PROXY=http://a', 'http_proxy=http://a', 'HTTPS_PROXY=http://b', 'https_proxy=http://b'],
  },
  {
    name: 'in whatever case somebody has it, it is his',
    pods: { proxy: PROXY },
    own: [
      { name: 'https_proxy', value: '' },
      { name: 'NO_PROXY', value: '*' },
    ],
    want: ['https_proxy=', 'NO_PROXY=*'],
  },
]
test.each(proxies)('proxy: $name', ({ pods, own, want }) => expect(variables(pods, own)).toEqual(want))

test('a pod that gets nothing is left as it is', () => {
  const pod = rendered()
  expect(withEveryPods(pod, settings({ resources: { limits: { cpu: 1 } } }))).toBe(pod)
})

test('the CA bundle is in every container once, however often a pod is gone through', () => {
  const given = settings({ proxy: PROXY, caBundle: { configMap: 'corp-ca', key: 'bundle.pem' } })
  const others = [{ name: 'proxy', env: [{ name: 'SSL_CERT_FILE', value: '/own' }] }]
  const once = withEveryPods(rendered({ initContainers: others }), given)
  expect(withEveryPods(once, given)).toEqual(once)
  const { volumes, containers, initContainers } = once.spec
  expect(volumes.at(-1)).toEqual({
    name: 'agentjob-ca-bundle',
    configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'ca.crt' }] },
  })
  const mount = { name: 'agentjob-ca-bundle', mountPath: '/opt/agentjob/ca', readOnly: true }
  expect(containers[0]?.volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }, mount])
  expect(initContainers?.[0]?.volumeMounts).toEqual([mount])
  const [sidecar = {}] = initContainers ?? []
  const own = (sidecar.env as Fields[]).filter(({ name }) => name === 'SSL_CERT_FILE')
  expect(own).toEqual([{ name: 'SSL_CERT_FILE', value: '/own' }])
})

const DEFAULTS = { requests: { cpu: '250m' }, limits: { memory: '2Gi' } }
const resources: { name: string; spec?: object; runtime?: object; pods?: object; want: unknown }[] = [
  { name: 'none', pods: {}, want: undefined },
  { name: 'those of the settings', want: DEFAULTS },
  { name: 'one of the lists', pods: { resources: { limits: { cpu: 1 } } }, want: { limits: { cpu: 1 } } },
  { name: "the AgentRuntime's", runtime: { resources: { limits: { cpu: 2 } } }, want: { limits: { cpu: 2 } } },
  { name: 'an AgentRuntime that wants none', runtime: { resources: {} }, want: {} },
  { name: "the AgentJob's", spec: { resources: { requests: { cpu: 3 } } }, want: { requests: { cpu: 3 } } },
  {
    name: 'none in a pod whose podTemplate says what the pod has',
    spec: { podTemplate: { spec: { resources: { limits: { memory: '1Gi' } } } } },
    want: undefined,
  },
]
test.each(resources)('resources: $name', ({ spec, runtime = {}, pods = { resources: DEFAULTS }, want }) =>
  expect(resourcesOf(agentJob(spec), runtime as AgentRuntimeSpec, settings(pods))).toEqual(want as never),
)
