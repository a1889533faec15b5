import { expect, test } from 'bun:test'
import {
  type AgentJobObject,
  agentJob,
  apply,
  echoRuntime,
  eventually,
  getAgentJob,
  jobNames,
  kubectl,
  newNamespace,
  patch,
  theWorld,
  untilPhase,
} from './world.ts'

/*
 * What becomes of the times of a schedule, with Kubernetes' own CronJob controller. Four times a minute one is due: the
 * Jobs of one minute would have the same name, so no more than one of them is let run.
 */

const withPods = test.concurrent.skipIf(!(await theWorld()).cluster.pods)
const SCHEDULE = '@every 15s'
const PERIOD = 15_000
/** More than other tests have: a minute passes before the first skip is told. */
const TIMEOUT = 240_000

withPods(
  'a time at which a run is still going on is skipped under Forbid, and told, counted, announced',
  async () => {
    const namespace = await newNamespace()
    const counted = await skips('ConcurrencyForbid')
    const spec = { schedule: SCHEDULE, concurrencyPolicy: 'Forbid', prompt: 'echo: sleep 5m' }
    await apply(namespace, [echoRuntime(), agentJob('long', spec)])
    const { status } = await untilSkip(namespace, 'long')
    const [run] = status?.runs ?? []
    const [skip] = status?.skips?.slice(-1) ?? []
    expect(skip?.reason).toBe('ConcurrencyForbid')
    expect(Date.parse(skip?.scheduledAt ?? '')).toBe(Date.parse(run?.scheduledAt ?? '') + PERIOD)
    expect(Date.parse(status?.due?.time ?? '')).toBeGreaterThan(Date.parse(skip?.until ?? skip?.scheduledAt ?? ''))
    expect(await jobNames(namespace)).toHaveLength(1)
    expect(await skips('ConcurrencyForbid')).toBeGreaterThan(counted)
    await untilEvent(namespace, 'ConcurrencyForbid: the run due at')
  },
  TIMEOUT,
)

withPods(
  'a pause is one skip, written once while it lasts; what is started late at its end is none',
  async () => {
    const namespace = await newNamespace()
    await apply(namespace, [echoRuntime(), agentJob('paused', { schedule: SCHEDULE, prompt: 'echo: sleep 5m' })])
    await untilPhase(namespace, 'paused', 'Scheduled')
    await patch(namespace, 'paused', { spec: { suspend: true } })
    const told = await untilSkip(namespace, 'paused')
    expect(told.status?.skips).toEqual([{ scheduledAt: expect.any(String), reason: 'Suspended' }])
    expect(told.status?.nextRunTime).toBeUndefined()
    expect(told.status?.runs).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 2 * PERIOD))
    const later = await getAgentJob(namespace, 'paused')
    expect(later.metadata.resourceVersion).toBe(told.metadata.resourceVersion as string)
    await patch(namespace, 'paused', { spec: { suspend: false } })
    const { status } = await untilPhase(namespace, 'paused', 'Running')
    const [skip] = status?.skips ?? []
    expect(skip).toMatchObject({ scheduledAt: told.status?.skips?.[0]?.scheduledAt as string, reason: 'Suspended' })
    expect(skip?.count).toBeGreaterThan(1)
    expect(Date.parse(status?.runs?.[0]?.scheduledAt ?? '')).toBeGreaterThan(Date.parse(skip?.until ?? ''))
  },
  TIMEOUT,
)

withPods(
  'a time at which a quota lets no Job be made is skipped for that reason',
  async () => {
    const namespace = await newNamespace()
    await kubectl(['create', 'quota', 'tight', '-n', namespace, '--hard=count/jobs.batch=0'])
    await apply(namespace, [echoRuntime(), agentJob('full', { schedule: SCHEDULE })])
    const { status } = await untilSkip(namespace, 'full')
    expect(status?.skips?.at(-1)?.reason).toBe('QuotaExceeded')
    expect(await jobNames(namespace)).toEqual([])
  },
  TIMEOUT,
)

/** Two periods and the half minute of grace after the first time that is skipped, and the machine's own. */
const untilSkip = (namespace: string, name: string): Promise<AgentJobObject> =>
  eventually(
    `a skip of ${name}`,
    () => getAgentJob(namespace, name),
    ({ status }) => (status?.skips?.length ?? 0) > 0,
    150_000,
  )

const untilEvent = (namespace: string, note: string) =>
  eventually(
    `an event ${note}`,
    async () => (await kubectl(['get', 'events.events.k8s.io', '-n', namespace, '-o', 'json'])).stdout,
    (text) => text.includes(`"note": "${note}`) && text.includes('"reason": "Skipped"'),
  )

/** How many skips the operator has counted. */
async function skips(reason: string): Promise<number> {
  const { operator } = await theWorld()
  const text = await (await fetch(`${operator.health}/metrics`)).text()
  return Number(new RegExp(`^agentjob_skips_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}
