import { expect, test } from 'bun:test'
import { SLEEPS, says, somebody } from './person.ts'
import { agentJob, apply, echoRuntime, getAgentJob, kubectl, theWorld } from './world.ts'

/* `agentjob logs` as a user has it, of agents that run in real pods. */

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

withPods('logs: of a schedule those of its last run, followed from before it is due', async () => {
  const { cli, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('often', { schedule: '* * * * *', prompt: 'echo: exit 5' })])
  const { code, stdout } = await cli('logs', 'often', '-f')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('exit 5 as told') })
  await apply(namespace, agentJob('often', { schedule: '30 2 * * *', prompt: 'echo: exit 5' }))
  expect((await cli('logs', 'often')).stdout).toBe(stdout)
})

withPods('logs -f: line by line while the agent works, to its end', async () => {
  const { cli, start, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS })])
  const follows = start('logs', 'long', '-f')
  await says(follows, 'sleeping 10m')
  expect((await getAgentJob(namespace, 'long')).status?.phase).not.toBe('Stopped')
  expect((await cli('logs', 'long', '--tail=1')).stdout).toBe('sleeping 10m0s\n')
  expect(await cli('stop', 'long')).toMatchObject({ code: 0 })
  expect(await follows.ended).toBe(0)
  expect(follows.output.stdout).toEndWith('half of it\ninterrupted (exit code 143)\n')
  expect(follows.output.stdout).toBe((await cli('logs', 'long')).stdout)
})

withPods('logs -f: one attempt after the other; says what an agent waits for', async () => {
  const { cli, start, namespace } = await somebody()
  const runtimes = [echoRuntime(), echoRuntime('none', { image: 'example.com/none:1', imagePullPolicy: 'Never' })]
  const twice = agentJob('twice', { prompt: 'echo: sleep 5s\necho: exit 3', backoffLimit: 1 })
  await apply(namespace, [...runtimes, twice, agentJob('stuck', { runtimeRef: 'none' })])
  const follows = start('logs', 'stuck', '-f')
  const { code, stdout, stderr } = await cli('logs', 'twice', '-f')
  expect([code, stdout.match(/exit 3 as told/g)?.length]).toEqual([0, 2])
  expect(stderr).toMatch(/twice: another attempt, pod twice-\S+\n/)
  await says(follows, 'ErrImageNeverPull')
  follows.kill()
  expect(await cli('logs', 'stuck')).toMatchObject({ code: 1, stderr: expect.stringContaining('; -f waits for it') })
})

withPods('logs: of an earlier run; 4 where there is none, and the result where its pod is gone', async () => {
  const { cli, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('fine')])
  expect((await cli('wait', 'fine')).code).toBe(0)
  const { status } = await getAgentJob(namespace, 'fine')
  await apply(namespace, agentJob('fine', { prompt: 'echo: result more' }))
  expect((await cli('wait', 'fine')).code).toBe(0)
  expect((await cli('logs', 'fine')).stdout).toContain('echo: result more')
  expect((await cli('logs', 'fine', '--job', status?.jobName ?? '')).stdout).toContain('echo: result done')
  const none = await cli('logs', 'fine', '--job', 'fine-0')
  expect(none).toMatchObject({ code: 4, stdout: '', stderr: expect.stringMatching(/^error: fine has no run fine-0; /) })
  await kubectl(['delete', 'pods', '--all', '-n', namespace])
  const gone = await cli('logs', 'fine')
  expect(gone).toMatchObject({
    code: 4,
    stdout: 'more\n',
    stderr: expect.stringContaining('is gone and its log with it'),
  })
})
