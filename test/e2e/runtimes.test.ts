import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { running } from '../cluster/processes.ts'
import { NAMESPACE, register } from '../operator/install.ts'
import { type Operator, startOperator } from '../operator/operator.ts'
import { onRuntimes } from '../runtime/runtimes.ts'
import { startOperatorAgain, stopOperator } from './operators.ts'
import { agentjob, apply, getAgentJob, kubectl, newNamespace, type Output, theWorld, untilPhase } from './world.ts'

/* The operator and the command line on each runtime, as users have them: a real API server, real pods. */

const { cluster, client, operatorKubeconfig } = await theWorld()
const withPods = test.skipIf(!cluster.pods)
const HELLO = join(import.meta.dirname, '..', '..', 'examples', 'hello.yaml')

beforeAll(() => stopOperator())
afterAll(() => startOperatorAgain())

onRuntimes('agentjob', ({ name, file, env }) => {
  let operator: Operator
  let namespace: string
  const cli = (...args: string[]): Promise<Output> => agentjob(args, '', env)
  const here = (command: string, ...args: string[]) => cli(command, '-n', namespace, ...args)

  beforeAll(async () => {
    operator = await startOperator(cluster, { name, kubeconfig: operatorKubeconfig, env })
    await register(client, operator.url as string)
    namespace = await newNamespace()
    await apply(namespace, await readFile(HELLO, 'utf8'))
  })
  afterAll(() => operator.signal('SIGKILL'))

  test('serve: runs on it, and expands', async () => {
    expect(await readlink(`/proc/${operator.pid}/exe`)).toBe(file)
    expect((await running(cluster.dir)).get('agentjob')).toBe(operator.pid)
    const { expansion } = await getAgentJob(namespace, 'hello')
    expect(expansion?.resources.map(({ kind }) => kind)).toEqual(['Job'])
  })

  withPods('hello.yaml to Succeeded, followed by logs -f, wait and get', async () => {
    const { code, stdout } = await here('logs', 'hello', '-f')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Say hello to the cluster.') })
    expect(await here('wait', 'hello', '--timeout=60s')).toMatchObject({ code: 0 })
    const { status } = await untilPhase(namespace, 'hello', 'Succeeded')
    expect(status?.result).toBe('Hello from a pod of my own.')
    expect((await here('get')).stdout).toMatch(/^NAME .*\nhello .*Succeeded/)
  })

  withPods('rerun --wait, a pod that is cut off by stop', async () => {
    expect(await here('rerun', 'hello', '--wait', '--timeout=60s')).toMatchObject({ code: 0 })
    await kubectl([
      'patch',
      'aj',
      'hello',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"prompt":"echo: sleep 60"}}',
    ])
    await untilPhase(namespace, 'hello', 'Running')
    expect(await here('stop', 'hello')).toMatchObject({ code: 0 })
    expect(await here('wait', 'hello', '--timeout=60s')).toMatchObject({ code: 1 })
  })

  test('what expand and validate say offline is what they say on Bun', async () => {
    const broken = 'kind: AgentJob\napiVersion: agentjob.io/v1alpha1\nmetadata: {name: a}\nspec: {prompt: 1}\n'
    for (const args of [['expand', '-f', HELLO], ['validate', '-f', '-'], ['crds']])
      expect(await agentjob(args, broken, env)).toEqual(await agentjob(args, broken))
  })

  test('exit codes: nothing there, no such command, no API server', async () => {
    expect(await here('wait', 'nobody')).toMatchObject({ code: 4 })
    expect(await cli('frobnicate')).toMatchObject({ code: 2 })
    const nowhere = { ...env, KUBECONFIG: '/nonexistent' }
    expect(await agentjob(['get'], '', nowhere)).toMatchObject({ code: 5 })
  })

  test('serve: ends in order, and gives the lease back', async () => {
    const holder = ['get', 'leases', '-n', NAMESPACE, '-o', 'jsonpath={.items[*].spec.holderIdentity}']
    expect((await kubectl(holder)).stdout).not.toBe('')
    await operator.stop()
    expect((await kubectl(holder)).stdout).toBe('')
    expect(await readFile(operator.log, 'utf8')).not.toContain('"level":50')
  })
})
