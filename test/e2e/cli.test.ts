import { expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { line, READ, SLEEPS, says, somebody } from './person.ts'
import {
  agentJob,
  agentjob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  kubectl,
  theWorld,
  untilPhase,
} from './world.ts'

/*
 * The command line as somebody has it who works in one namespace: with a kubeconfig of his own, the rights that the
 * commands need, and exit codes for his scripts. Logs are in logs.test.ts.
 */

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)

test.concurrent('get: the columns of kubectl, other formats, what is missing', async () => {
  const { cli, namespace } = await somebody(READ)
  expect(await cli('get')).toEqual({
    code: 0,
    stdout: '',
    stderr: `There are no AgentJobs in namespace ${namespace}.\n`,
  })
  await apply(namespace, [
    echoRuntime(),
    agentJob('nightly', { schedule: '30 2 * * *' }, { labels: { team: 'a' } }),
    agentJob('paused', { suspend: true }),
  ])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  await untilPhase(namespace, 'paused', 'Suspended')
  // all but the age
  const columns = (text: string) => text.replace(/ +\S+$/gm, '')
  const theirs = await kubectl(['get', 'aj', '-n', namespace])
  expect(columns((await cli('get')).stdout)).toBe(columns(theirs.stdout))
  expect((await cli('get', '-l', 'team=a', '-o', 'name')).stdout).toBe('agentjob.agentjob.io/nightly\n')
  const { metadata, ...rest } = await getAgentJob(namespace, 'nightly')
  for (const format of ['yaml', 'json'])
    expect(parse((await cli('get', 'nightly', '-o', format)).stdout)).toEqual({
      ...rest,
      metadata: { ...metadata, managedFields: undefined },
    })
  const some = await cli('get', 'nightly', 'nihgtly')
  expect(some).toMatchObject({ code: 4, stdout: expect.stringMatching(/^NAME .*\nnightly .*Scheduled/) })
  expect(some.stderr).toBe(`error: there is no AgentJob nihgtly in namespace ${namespace}; did you mean nightly?\n`)
})

test.concurrent('get -A is for those who may', async () => {
  const { cli, namespace } = await somebody(READ)
  await apply(namespace, [echoRuntime(), agentJob('paused', { suspend: true })])
  expect(await cli('get', '-A')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('cannot list') })
  const { code, stdout } = await agentjob(['get', '-A'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^NAMESPACE +NAME /) })
  expect(stdout).toMatch(new RegExp(`^${namespace} +paused `, 'm'))
})

test.concurrent('a token that the API server does not know, rights that are missing', async () => {
  const { cli, namespace, kubeconfig } = await somebody(READ)
  await apply(namespace, [echoRuntime(), agentJob('nightly', { schedule: '30 2 * * *' })])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  expect(await cli('rerun', 'nightly')).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot patch') })
  expect((await getAgentJob(namespace, 'nightly')).metadata.annotations?.['agentjob.io/rerun']).toBeUndefined()
  const broken = `${kubeconfig}.broken`
  await writeFile(broken, (await readFile(kubeconfig, 'utf8')).replace(/token: .*/, 'token: nobody'))
  const answer = await cli('get', '--kubeconfig', broken)
  expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('the API server does not know you') })
})

withPods('wait: 0 for a success, 1 with the exit code of the agent for a failure', async () => {
  const { cli, namespace } = await somebody()
  const prompt = 'echo: exit 7'
  await apply(namespace, [echoRuntime(), agentJob('fine'), agentJob('bad', { prompt })])
  expect(await cli('wait', 'fine')).toMatchObject({ code: 0, stdout: line('fine', 'Succeeded') })
  const how = line('bad', 'Failed (Error): the agent exited with code 7; "agentjob logs bad" shows why')
  expect(await cli('wait', 'bad')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(how) })
  expect(await cli('wait', 'bad', '--for=Failed')).toMatchObject({ code: 0, stdout: how })
  expect(await cli('wait', 'fine', '--for=Failed')).toMatchObject({ code: 1 })
  // a run that has ended is no news
  expect(await cli('wait', 'fine', '--timeout=0')).toMatchObject({ code: 0 })
})

withPods('wait: 3 when the time is up, 4 for what is not there or goes meanwhile', async () => {
  const { cli, start, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS })])
  await untilPhase(namespace, 'long', 'Running')
  const late = await cli('wait', 'long', '--timeout=5s')
  expect(late).toEqual({
    code: 3,
    stdout: '',
    stderr: 'long: Running\nerror: the time was up; long: Running\n',
  })
  expect(await cli('wait', 'ling', '--timeout=1s')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('did you mean long?'),
  })
  const [waits, gone] = [start('wait', 'long'), start('wait', 'long', '--for=delete')]
  await Promise.all([says(waits, 'Running'), says(gone, 'still there')])
  await kubectl(['delete', 'aj', 'long', '-n', namespace])
  expect([await waits.ended, await gone.ended]).toEqual([4, 0])
  expect(waits.output.stderr).toEndWith('error: agentjob.agentjob.io/long was deleted\n')
})

withPods('a schedule: rerun --wait is for the run that it starts, wait alone has no end to wait for', async () => {
  const { cli, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('nightly', { schedule: '30 2 * * *' })])
  expect(await cli('wait', 'nightly', '--for=Scheduled')).toMatchObject({ code: 0 })
  const endless = await cli('wait', 'nightly')
  expect(endless).toMatchObject({ code: 1, stderr: expect.stringContaining('"agentjob rerun nightly --wait"') })
  expect(await cli('logs', 'nightly')).toMatchObject({
    code: 1,
    stderr: 'error: nightly: Scheduled; -f waits for it\n',
  })
  const { code, stdout } = await cli('rerun', 'nightly', '--wait', '--timeout=60s')
  const run = /runs again as Job (\S+)\n/.exec(stdout)?.[1]
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: line('nightly', `runs again as Job ${run}`) + line('nightly', `Succeeded, run ${run}`),
  })
  expect(await cli('wait', 'nightly')).toMatchObject({ code: 0, stdout: line('nightly', `Succeeded, run ${run}`) })
  expect((await cli('logs', 'nightly')).stdout).toContain('echo: result done')
})

withPods('stop: what runs, and nothing else; wait then says 1', async () => {
  const { cli, start, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS })])
  const { status } = await untilPhase(namespace, 'long', 'Running')
  const waits = start('wait', 'long')
  await says(waits, 'Running')
  expect(await cli('stop', 'long')).toMatchObject({ code: 0, stdout: line('long', `stops: Job ${status?.jobName}`) })
  expect(await waits.ended).toBe(1)
  expect(waits.output.stderr).toEndWith(`error: ${line('long', 'Stopped: the run was stopped')}`)
  const again = await cli('stop', 'long')
  expect(again).toMatchObject({ code: 0, stdout: line('long', 'is not running: Stopped: the run was stopped') })
  expect(await cli('stop', 'ling')).toMatchObject({ code: 4, stderr: expect.stringContaining('did you mean long?') })
})

withPods('rerun: says which run it ends, and ends that one alone', async () => {
  const { cli, namespace } = await somebody()
  await apply(namespace, [echoRuntime(), agentJob('long', { prompt: SLEEPS }), agentJob('other', { prompt: SLEEPS })])
  const { status } = await untilPhase(namespace, 'long', 'Running')
  await untilPhase(namespace, 'other', 'Running')
  const { code, stdout } = await cli('rerun', 'long')
  const run = /runs again as Job (\S+);/.exec(stdout)?.[1] as string
  const ends = `this ends the run of Job ${status?.jobName}, and its log is kept`
  expect({ code, stdout }).toEqual({ code: 0, stdout: line('long', `runs again as Job ${run}; ${ends}`) })
  const after = await eventually(
    'the new run runs',
    () => getAgentJob(namespace, 'long'),
    ({ status }) => status?.phase === 'Running' && status.jobName === run,
  )
  expect(after.status?.runs?.map(({ jobName, phase, reason }) => [jobName, phase, reason])).toEqual([
    [run, 'Running', undefined],
    [status?.jobName as string, 'Stopped', 'Superseded'],
  ])
  expect((await cli('logs', 'long', '--job', status?.jobName as string)).stdout).toContain('sleeping 10m')
  expect((await getAgentJob(namespace, 'other')).status?.phase).toBe('Running')
})

withPods('rerun --wait: 1 for a run that fails, 3 for one that lasts, 4 for none', async () => {
  const { cli, namespace } = await somebody()
  await apply(namespace, [
    echoRuntime(),
    agentJob('bad', { prompt: 'echo: exit 9' }),
    agentJob('long', { prompt: SLEEPS }),
  ])
  expect((await cli('wait', 'bad')).code).toBe(1)
  const bad = await cli('rerun', 'bad', '--wait')
  expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('the agent exited with code 9') })
  expect((await getAgentJob(namespace, 'bad')).status?.runs).toHaveLength(2)
  expect(await cli('rerun', 'long', '--wait', '--timeout=1s')).toMatchObject({ code: 3 })
  expect(await cli('rerun', 'nobody', '--wait')).toMatchObject({ code: 4 })
})
