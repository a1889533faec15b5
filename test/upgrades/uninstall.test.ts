import { afterAll, expect, test } from 'bun:test'
import { INSTALLER } from '../../src/cli/install/apply.ts'
import { startOperatorAgain, stopOperator } from '../e2e/operators.ts'
import {
  agentJob,
  agentjob,
  apply,
  aWhile,
  clusterAccess,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  theWorld,
  untilPhase,
} from '../e2e/world.ts'
import { install } from '../operator/install.ts'
import { childrenOf, NEVER, ownNamespace, removeNamespaces, SLEEPS } from './snapshot.ts'

// AgentJob is taken away while agents run, and while the rights of some of them keep these from being deleted.

const { cluster, client } = await theWorld()
const withPods = test.skipIf(!cluster.pods)

afterAll(async () => {
  await install(client)
  await startOperatorAgain()
  await removeNamespaces()
})

/** What tests install is labelled as if `agentjob install` had. */
const labelled = async () => {
  const kinds = 'clusterroles,clusterrolebindings,mutatingwebhookconfigurations'
  const { stdout } = await kubectl(['get', kinds, '-o', 'name'])
  const names = stdout.split('\n').filter((name) => /\/agentjob(-webhook|-controller|-as-.*)?$/.test(name))
  expect(names.length).toBeGreaterThan(4)
  await kubectl(['label', '--overwrite', ...names, `app.kubernetes.io/managed-by=${INSTALLER}`])
}

const clusterRoles = async (namespace: string) =>
  (await kubectl(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])).stdout
    .split('\n')
    .filter((line) => line.includes(`:${namespace}:`))

withPods('what runs goes on, and what cannot be deleted any more is told, with the command that helps', async () => {
  const namespace = await ownNamespace()
  await apply(namespace, [
    echoRuntime(),
    clusterAccess('Cluster'),
    agentJob('running', { prompt: SLEEPS }),
    agentJob('with-rights', { prompt: SLEEPS, clusterAccessRef: 'cluster' }),
    agentJob('nightly', { schedule: NEVER }),
  ])
  await Promise.all(['running', 'with-rights'].map((name) => untilPhase(namespace, name, 'Running')))
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const children = await childrenOf(namespace)
  expect((await agentjob(['uninstall', '--take-rights'])).stderr).toContain('AgentJob is still installed')
  await stopOperator()
  await labelled()
  const { code, stdout, stderr } = await agentjob(['uninstall'])
  expect(code).toBe(0)
  expect(stdout).toContain('mutatingwebhookconfiguration.admissionregistration.k8s.io/agentjob deleted')
  expect(stderr).toContain('under way: what runs goes on to its end')
  expect(stderr).toContain('in place: Kubernetes goes on starting agents; to pause them all: kubectl get cronjobs')
  expect(stderr).toContain(`${namespace}/with-rights`)
  expect(stderr).not.toContain(`${namespace}/running`)
  await aWhile()
  expect(await childrenOf(namespace)).toEqual(children)

  // one without the finalizer goes, one with it waits
  expect((await kubectl(['delete', 'aj', 'running', '-n', namespace, '--timeout=20s'])).code).toBe(0)
  const deleted = await kubectl(['delete', 'aj', 'with-rights', '-n', namespace, '--timeout=2s'])
  expect(deleted.stderr).toContain('timed out waiting for the condition')
  expect(await clusterRoles(namespace)).toHaveLength(2)

  const [helps] = /agentjob uninstall --take-rights$/m.exec(stderr) ?? ['']
  const again = await agentjob(helps.split(' ').slice(1))
  expect(again.stdout).toContain(`agentjob.agentjob.io/with-rights in namespace ${namespace} let go\n`)
  expect(again.stderr).not.toContain('rights in the whole cluster')
  expect(await clusterRoles(namespace)).toEqual([])
  expect((await kubectl(['get', 'aj', 'with-rights', '-n', namespace])).stderr).toContain('NotFound')
  expect((await getAgentJob(namespace, 'nightly')).metadata.deletionTimestamp).toBeUndefined()
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
  const gone = async () => (await kubectl(['get', 'aj', '-n', namespace, '-o', 'name'])).stdout
  await eventually('nothing keeps the namespace', gone, (names) => names === '')
})
