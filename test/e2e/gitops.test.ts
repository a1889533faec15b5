import { beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toYaml } from '../../src/cli/print.ts'
import { run } from '../cluster/exec.ts'
import { parsePage, ROOT } from '../docs/markdown.ts'
import { HEALTH_CHECK_EXPRS, HEALTH_LUA } from '../gitops/examples.ts'
import { argoHealth, argoSync, fluxApply, fluxHealth } from '../gitops/programs.ts'
import {
  type AgentJobObject,
  agentJob,
  agentjob,
  apply,
  aWhile,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  list,
  newNamespace,
  theWorld,
  untilPhase,
} from './world.ts'

/*
 * What an AgentJob becomes on its way, expansion and status, is no drift for those who keep it as Git has it: neither for
 * kubectl, nor by Argo CD's and Flux's own comparison.
 */

const world = await theWorld()
const PAGE = 'docs/guides/gitops.md'
const GUIDE = parsePage(PAGE, readFileSync(join(ROOT, PAGE), 'utf8'))

/** What the tools and people put on what they apply. */
const MARKS = {
  labels: { team: 'blue', 'app.kubernetes.io/instance': 'agents' },
  annotations: { 'argocd.argoproj.io/tracking-id': 'agents:agentjob.io/AgentJob:agents/task' },
}
/** In another spelling than ours, where there are several. */
const SPEC = { roleRef: 'reader', resources: { limits: { cpu: '1000m', memory: '0.25Gi' } } }
const MANIFESTS = [
  echoRuntime(),
  agentJob('task', SPEC, MARKS),
  agentJob('nightly', { schedule: '30 2 * * *', timezone: 'Europe/Paris', ...SPEC }, MARKS),
]
const NAMES = ['task', 'nightly']
const role = (allowedTools: string[]) => ({
  apiVersion: 'agentjob.io/v1alpha1',
  kind: 'AgentRole',
  metadata: { name: 'reader' },
  spec: { allowedTools },
})

const all = (namespace: string): Promise<AgentJobObject[]> =>
  Promise.all(NAMES.map((name) => getAgentJob(namespace, name)))

/** The AgentJobs, once nothing has written to them for a while. */
async function settled(namespace: string): Promise<AgentJobObject[]> {
  const versionsOf = (jobs: AgentJobObject[]) => jobs.map(({ metadata }) => metadata.resourceVersion).join()
  let before = ''
  return eventually(
    'no more writes',
    async () => {
      await aWhile()
      const jobs = await all(namespace)
      // a controller that has just begun has not come to them yet
      const isSame = versionsOf(jobs) === before && jobs.every(({ status }) => status?.reason)
      before = versionsOf(jobs)
      return isSame ? jobs : []
    },
    (jobs) => jobs.length > 0,
  )
}

/** Whether each AgentJob is Synced for Argo CD; by its server-side diff where that is how it applies. */
async function argoSays(namespace: string, args: string[]): Promise<(string | undefined)[]> {
  const diffs = MANIFESTS.filter(({ kind }) => kind === 'AgentJob').map(async (manifest) => {
    const config = { ...manifest, metadata: { ...manifest.metadata, namespace } }
    const live = await getAgentJob(namespace, manifest.metadata.name)
    if (args.length === 0) return { config, live }
    const dryRun = ['--dry-run=server', '-o', 'json', '--show-managed-fields']
    return { config, live, predicted: JSON.parse((await apply(namespace, manifest, [...args, ...dryRun])).stdout) }
  })
  return (await argoSync(await Promise.all(diffs))).map(({ status, error }) => error ?? status)
}

interface Way {
  apply(namespace: string): Promise<unknown>
  /** What is different by the tool's own word: of nothing, `[]`. */
  differences(namespace: string): Promise<unknown>
}

const TEXT = MANIFESTS.map((object) => toYaml(object)).join('---\n')

/** By kubectl, which is what Argo CD runs. */
const byArgo = (args: string[]): Way => ({
  apply: (namespace) => apply(namespace, MANIFESTS, args),
  differences: async (namespace) => {
    const { code, stdout, stderr } = await kubectl(['diff', '-n', namespace, ...args, '-f', '-'], TEXT)
    const isOff = (status: string | undefined) => status !== 'Synced'
    return [
      ...(code === 0 ? [] : [`kubectl diff: ${code} ${stdout}${stderr}`]),
      ...(await argoSays(namespace, args)).filter(isOff),
    ]
  },
})

const SERVER_SIDE = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller']
const WAYS: Record<string, Way> = {
  'kubectl and Argo CD, client-side': byArgo([]),
  'kubectl and Argo CD, server-side': byArgo(SERVER_SIDE),
  Flux: {
    apply: (namespace) => fluxApply(world.cluster.kubeconfig, namespace, MANIFESTS),
    // it compares, and writes what differs
    differences: async (namespace) =>
      (await fluxApply(world.cluster.kubeconfig, namespace, MANIFESTS)).filter((line) => !line.endsWith(' unchanged')),
  },
}

/** Nobody sees anything to do, and doing it all the same writes nothing. */
async function expectInSync(namespace: string, way: Way): Promise<void> {
  const before = await settled(namespace)
  expect(await way.differences(namespace)).toEqual([])
  await way.apply(namespace)
  expect(await settled(namespace)).toEqual(before)
}

const succeeded = ({ status }: AgentJobObject) =>
  (status?.runs ?? []).filter(({ phase }) => phase === 'Succeeded').length

describe.skipIf(!world.cluster.pods)('no drift', () => {
  beforeAll(async () => {
    // what is asked is built, once
    await argoSync([])
    await fluxHealth([{ apiVersion: 'v1', current: 'true' }], [])
  }, 1_200_000)

  for (const [what, way] of Object.entries(WAYS))
    test.concurrent(`for ${what}`, async () => {
      const namespace = await newNamespace()
      await way.apply(namespace)
      const waiting = await settled(namespace)
      expect(waiting.map(({ status }) => status?.reason)).toEqual(['ReferenceNotFound', 'ReferenceNotFound'])
      await expectInSync(namespace, way)

      await apply(namespace, role(['Read']))
      await untilPhase(namespace, 'task', 'Succeeded')
      await untilPhase(namespace, 'nightly', 'Scheduled')
      await expectInSync(namespace, way)

      for (const name of NAMES) expect(await agentjob(['rerun', name, '-n', namespace])).toMatchObject({ code: 0 })
      const wanted = [2, 1].join()
      await eventually(
        'a run more of each',
        () => all(namespace),
        (jobs) => jobs.map(succeeded).join() === wanted,
      )
      await expectInSync(namespace, way)

      const [before] = await settled(namespace)
      await apply(namespace, role(['Read', 'Grep']))
      const [after] = await eventually(
        'another expansion',
        () => all(namespace),
        (jobs) => jobs[0]?.expansion?.configHash !== before?.expansion?.configHash,
      )
      expect(after?.metadata.generation).toBeGreaterThan(before?.metadata.generation as number)
      await expectInSync(namespace, way)
      expect((await all(namespace)).map(succeeded).join()).toBe(wanted)

      const children = [
        ...(await list(namespace, 'jobs')),
        ...(await list(namespace, 'cronjobs')),
        ...(await list(namespace, 'pods')),
      ]
      expect(children.length).toBeGreaterThan(3)
      expect(JSON.stringify(children.map(({ metadata }) => [metadata.labels, metadata.annotations]))).not.toMatch(
        /argocd|fluxcd|"team"|app.kubernetes.io\/instance/,
      )

      // what it would look like if there were any
      await kubectl([
        'patch',
        'aj',
        'nightly',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        '{"spec":{"schedule":"0 4 * * *"}}',
      ])
      expect(await way.differences(namespace)).not.toEqual([])
    }, 180_000)

  test.concurrent('Argo CD and Flux read the health of what is stored', async () => {
    const namespace = await newNamespace()
    const bad = agentJob('bad', { prompt: 'echo: exit 7' })
    const off = agentJob('off', { suspend: true })
    await apply(namespace, [echoRuntime(), role([]), ...MANIFESTS, bad, off])
    const jobs = await Promise.all([
      untilPhase(namespace, 'task', 'Succeeded'),
      untilPhase(namespace, 'nightly', 'Scheduled'),
      untilPhase(namespace, 'bad', 'Failed'),
      untilPhase(namespace, 'off', 'Suspended'),
    ])
    const argo = await argoHealth(HEALTH_LUA, jobs)
    expect(argo.map(({ status }) => status)).toEqual(['Healthy', 'Healthy', 'Degraded', 'Suspended'])
    const flux = await fluxHealth(HEALTH_CHECK_EXPRS, jobs)
    expect(flux.map(({ exprs }) => exprs)).toEqual(['Current', 'Current', 'Failed', 'Current'])
  })
})

test.concurrent('the health check goes into argocd-cm beside what stands there, as the guide says', async () => {
  const namespace = await newNamespace()
  const settings = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data })
  await apply(namespace, settings({ 'timeout.reconciliation': '180s' }))
  const command = GUIDE.blocks.flatMap(({ text }) => /^\$ (kubectl kustomize .*)$/m.exec(text)?.[1] ?? [])
  expect(command).toHaveLength(1)
  const mine = String(command).replace(' -n argocd ', ` -n ${namespace} `)
  await run('sh', ['-ec', mine], {
    cwd: ROOT,
    env: { KUBECONFIG: world.cluster.kubeconfig, PATH: `${dirname(world.cluster.bin.kubectl)}:${process.env.PATH}` },
  })
  const stored = await kubectl(['get', 'configmap', 'argocd-cm', '-n', namespace, '-o', 'json'])
  expect(JSON.parse(stored.stdout).data).toEqual({
    'timeout.reconciliation': '180s',
    'resource.customizations.health.agentjob.io_AgentJob': HEALTH_LUA,
  })
})
