import { expect, test } from 'bun:test'
import { toYaml } from '../../src/cli/print.ts'
import { somebody } from './person.ts'
import { AUTHOR } from './users.ts'
import {
  agentJob,
  agentjob,
  apply,
  echoRuntime,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  untilPhase,
} from './world.ts'

/* `agentjob diff` against the real admission: what applying manifests would change in what runs. */

const PROMPT = 'echo: result done'

for (const way of ['client', 'server'])
  test.concurrent(`diff: of what ${way}-side apply has made`, async () => {
    const { namespace, kubeconfig } = await somebody(AUTHOR)
    const server = way === 'server' ? ['--server-side'] : []
    const diff = (spec: object) =>
      agentjob(['diff', '-f', '-'], toYaml(agentJob('task', spec)), { KUBECONFIG: kubeconfig })
    await apply(namespace, echoRuntime())

    const fresh = await diff({ prompt: PROMPT })
    expect(fresh).toMatchObject({ code: 1, stderr: '' })
    expect(fresh.stdout).toContain('\n+kind: Job\n')
    expect(fresh.stdout).toEndWith(`AgentJob ${namespace}/task: new: applying this runs it\n`)
    expect(await jobNames(namespace)).toEqual([])

    await apply(namespace, agentJob('task', { prompt: PROMPT, model: 'small' }), server)
    const { metadata } = await getAgentJob(namespace, 'task')
    expect(await diff({ prompt: PROMPT, model: 'small' })).toEqual({ code: 0, stdout: '', stderr: '' })

    const other = await diff({ prompt: 'echo: exit 3' })
    expect(other.code).toBe(1)
    expect(other.stdout).toContain(`\n-  prompt: "${PROMPT}"\n`)
    expect(other.stdout).toContain('\n-  model: small\n')
    expect(other.stdout).toMatch(/AgentJob \S+\/task: revision changes: applying this runs it again/)
    const kept = await diff({ prompt: PROMPT, model: 'small', ttlSecondsAfterFinished: 60 })
    expect(kept.stdout).toContain('\n+  ttlSecondsAfterFinished: 60\n')
    expect(kept.stdout).toEndWith('revision stays: applying this runs nothing\n')
    expect((await getAgentJob(namespace, 'task')).metadata.generation).toBe(metadata.generation)
  })

test.concurrent('diff: of a schedule, of what is refused, of a reference that is missing', async () => {
  const namespace = await newNamespace()
  const diff = (spec: object) =>
    agentjob(['diff', '-n', namespace, '-f', '-'], toYaml(agentJob('nightly', { schedule: '0 3 * * *', ...spec })))
  await apply(namespace, [echoRuntime(), agentJob('nightly', { schedule: '0 3 * * *' })])
  await untilPhase(namespace, 'nightly', 'Scheduled')
  const later = await diff({ schedule: '0 4 * * *' })
  expect(later.code).toBe(1)
  expect(later.stdout).toContain('the next run takes it')
  expect(later.stdout).toContain('CronJob')
  const refused = await diff({ schedule: 'never' })
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('spec.schedule') })
  const missing = await diff({ runtimeRef: 'absent' })
  expect(missing.code).toBe(1)
  expect(missing.stdout).toContain('applying this runs nothing until this is over: spec.runtimeRef: there is no')
})

test.concurrent('diff: takes nothing over from others', async () => {
  const namespace = await newNamespace()
  await apply(namespace, echoRuntime())
  const text = toYaml(agentJob('task', { suspend: true }))
  const flux = ['apply', '--server-side', '--field-manager=flux', '-n', namespace, '-f', '-']
  expect((await kubectl(flux, text)).code).toBe(0)
  const mine = await agentjob(['diff', '-n', namespace, '-f', '-'], toYaml(agentJob('task', { suspend: false })))
  expect(mine).toMatchObject({ code: 2, stderr: expect.stringContaining('conflict') })
})
