import { Command } from 'commander'
import { runRound } from './round.ts'
import { generate } from './schedule/schedule.ts'
import { createWorld } from './world.ts'

const command = new Command('npm run faults --')
  .option('--seed <n>', '', Number)
  .option('--count <n>', '', Number, 1)
  .parse()
const { seed = 1, count } = command.opts()
const world = await createWorld({ name: 'faults', progress: (line) => console.error(`  ${line}`) })
for (let s = seed; s < seed + count; s += 4) {
  const t = performance.now()
  const outcomes = await runRound(
    world,
    [0, 1, 2, 3].map((n) => generate(s + n)),
    'f',
  )
  console.log(
    s,
    Math.round(performance.now() - t),
    outcomes.map((o) => `${o.agentJobs}/${o.jobs} rest ${o.restMs}`).join(' | '),
  )
  for (const o of outcomes) if (o.violations.length) console.log(o.schedule.seed, o.violations.join('\n  '))
  if (process.env.LOG || outcomes.some((o) => o.violations.length)) {
    for (const l of outcomes[0]!.log) console.log(l.atMs, l.what)
    if (!process.env.LOG) process.exit(1)
  }
}
await world.close()
process.exit(0)
