import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listAll } from './objects.ts'
import type { Outcome } from './round.ts'
import type { World } from './world.ts'

/**
 * A violated schedule for people: what happened when, what is wrong in the end, how to see it again. The same is kept in
 * a folder, with the operator's logs and all objects of the schedule's namespace.
 */
export async function report({ cluster, client }: World, outcome: Outcome): Promise<string> {
  const { namespace, schedule } = outcome
  const folder = await mkdtemp(join(tmpdir(), `agentjob-faults-${schedule.seed}-`))
  const text = story(outcome, folder)
  await cp(join(cluster.dir, 'operator'), join(folder, 'operator'), { recursive: true })
  await writeFile(join(folder, 'objects.json'), JSON.stringify(await listAll(client, namespace), undefined, 2))
  await writeFile(join(folder, 'story.txt'), text)
  return text
}

function story({ schedule, violations, log }: Outcome, folder: string): string {
  const lines = log.map(({ atMs, what }) => `  ${String(atMs).padStart(6)} ms  ${what}`)
  const plans = schedule.lives.map(
    ({ name, plan, spec }) => `  ${name || '(generated)'}: ${plan}, ${JSON.stringify(spec)}`,
  )
  return [
    `seed ${schedule.seed}: ${violations.length} violations`,
    ...violations.map((what) => `  ${what}`),
    'its AgentJobs:',
    ...plans,
    'what users did and what went wrong, in all schedules of the round:',
    ...lines,
    `logs and objects: ${folder}`,
    `again: npm run faults -- --seed ${schedule.seed}`,
  ].join('\n')
}
