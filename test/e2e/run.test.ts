import { expect, test } from 'bun:test'
import { LOGS, line, READ, SLEEPS, says, somebody } from './person.ts'
import type { Rule } from './users.ts'
import { type AgentJobObject, apply, echoRuntime, getAgentJob, list, theWorld, untilPhase } from './world.ts'

/* `agentjob run` as a user has it: a prompt, and what its agent prints. */

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

/** What run needs: to create and delete AgentJobs, and to know which runtimes there are. */
const RUN: Rule[] = [
  ...LOGS,
  { ...READ, verbs: ['get', 'list', 'watch', 'create', 'delete', 'patch'] },
  { ...READ, resources: ['agentruntimes'], verbs: ['list'] },
]

/** The one AgentJob of a namespace. */
async function theAgentJob(namespace: string): Promise<AgentJobObject> {
  const { client } = await theWorld()
  const type = { group: 'agentjob.io', version: 'v1alpha1', kind: 'AgentJob', plural: 'agentjobs', namespaced: true }
  const { items } = await client.list<AgentJobObject>(type, { namespace })
  expect(items.length).toBe(1)
  return items[0] as AgentJobObject
}

withPods('run: prints what the agent prints, to its end, and ends with 0', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime())
  const { code, stdout, stderr } = await cli('run', '--runtime', 'echo', '--model', 'small', 'echo: result done')
  const { metadata, spec, status } = await theAgentJob(namespace)
  const name = metadata.name as string
  expect(name).toMatch(/^echo-[a-z0-9]+$/)
  expect(spec).toMatchObject({ runtimeRef: 'echo', model: 'small', prompt: 'echo: result done' })
  expect(status).toMatchObject({ phase: 'Succeeded', result: expect.stringContaining('done') })
  expect(code).toBe(0)
  // the log alone: what else is to be said goes to stderr
  expect(stdout).toBe((await cli('logs', name)).stdout)
  expect(stderr).toStartWith(line(name, 'created'))
  expect(stderr).toEndWith(line(name, 'Succeeded'))
})

withPods('run: 1 for a failure, 3 where --timeout was over first; --rm leaves nothing', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime())
  const failed = await cli('run', '--runtime', 'echo', '--name', 'bad', '--rm', 'echo: exit 7')
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('exit 7 as told') })
  expect(failed.stderr).toContain(`error: ${line('bad', 'Failed (Error): the agent exited with code 7').trim()}; `)
  const late = await cli('run', '--runtime', 'echo', '--name', 'late', '--rm', '--timeout', '3s', SLEEPS)
  expect(late).toMatchObject({ code: 3, stderr: expect.stringContaining('agentjob.agentjob.io/late TimedOut') })
  expect((await cli('get', '-o', 'name')).stdout).toBe('')
})

withPods('run: Ctrl-C ends the waiting and says how to go on; the run goes on', async () => {
  const { cli, start, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime())
  const runs = start('run', '--runtime', 'echo', '--name', 'long', SLEEPS)
  await says(runs, 'sleeping 10m')
  runs.kill('SIGINT')
  expect(await runs.ended).toBe(130)
  expect(runs.output.stderr).toEndWith(
    'long goes on: "agentjob logs long -f" follows it, "agentjob stop long" ends it\n',
  )
  expect((await getAgentJob(namespace, 'long')).status?.phase).toBe('Running')
  expect(await cli('stop', 'long')).toMatchObject({ code: 0 })
})

withPods('run --detach prints the name, -o json the AgentJob at its end', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime())
  const detached = await cli('run', '--runtime', 'echo', '--name', 'fine', '-d', 'echo: result done')
  expect(detached).toEqual({ code: 0, stdout: 'fine\n', stderr: '' })
  await untilPhase(namespace, 'fine', 'Succeeded')
  const { code, stdout } = await cli('run', '--runtime', 'echo', '--name', 'other', '-o', 'json', 'echo: exit 3')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ metadata: { name: 'other' }, status: { phase: 'Failed', exitCode: 3 } })
})

withPods('run: ends where a pod never starts', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime('none', { image: 'example.com/none:1', imagePullPolicy: 'Never' }))
  const { code, stdout, stderr } = await cli('run', '--runtime', 'none', '--timeout', '5s', '--name', 'stuck', 'hi')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toContain('ErrImageNeverPull')
})

test.concurrent('run: what is missing is told before anything is created', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, [echoRuntime(), echoRuntime('goose')])
  const mistyped = await cli('run', '--runtime', 'ehco', 'hi')
  expect(mistyped).toMatchObject({ code: 4, stdout: '' })
  expect(mistyped.stderr).toMatch(
    /^error: spec\.runtimeRef: there is no AgentRuntime "ehco" in .*; did you mean echo\?\n$/,
  )
  const other = await cli('run', '--runtime', 'claude', '--auth', 'mine', 'hi')
  expect(other.stderr).toMatch(/"claude" in .*; there is echo, goose\nerror: spec\.authRef: .*; create it first\n$/)
  expect(await list(namespace, 'jobs')).toEqual([])
  expect((await cli('get', '-o', 'name')).stdout).toBe('')
})

test.concurrent('run --dry-run=server prints the AgentJob with its expansion, and creates nothing', async () => {
  const { cli, namespace } = await somebody(...RUN)
  await apply(namespace, echoRuntime())
  const args = ['run', '--runtime', 'echo', '--name', 'a', '--dry-run=server', '-o', 'json', 'hi']
  const { code, stdout } = await cli(...args)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ metadata: { namespace }, expansion: { problems: [] } })
  expect((await cli('get', '-o', 'name')).stdout).toBe('')
})
