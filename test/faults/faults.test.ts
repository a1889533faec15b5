import { afterAll, describe, expect, test } from 'bun:test'
import { report } from './report.ts'
import { run } from './run.ts'
import { roundOf, SIDE_BY_SIDE } from './schedule/schedule.ts'

const SCHEDULES = 52
const FROM = 0

// Real processes, a real API server, and what goes wrong between them. `npm run faults -- --help` has longer runs.
describe.skipIf(process.env.AGENTJOB_TEST_KUBECONFIG !== undefined)(`${SCHEDULES} random schedules`, () => {
  const rounds = run({
    name: 'test-faults',
    from: FROM,
    count: SCHEDULES,
    progress: (line) => console.error(`  ${line}`),
  })
  let next = FROM
  afterAll(async () => void (await rounds.return(undefined)), 60_000)

  for (let seed = FROM; seed < FROM + SCHEDULES; seed += SIDE_BY_SIDE)
    test(`seeds ${roundOf(seed).join(', ')}`, async () => {
      // what was violated once is violated, whatever a second try would show
      expect(next).toBe(seed)
      next += SIDE_BY_SIDE
      const { value: round, done } = await rounds.next()
      if (done) throw new Error('the schedules ended early')
      const violated = round.outcomes.filter(({ violations }) => violations.length)
      for (const outcome of violated) console.error(await report(round.world, outcome))
      expect(violated.map(({ schedule, violations }) => ({ seed: schedule.seed, violations }))).toEqual([])
    }, 240_000)
})
