import { AgentJobSpec } from '../../src/api/agentjob.ts'
import { expand as expandOnce } from '../../src/expand/expand.ts'
import type { ExpandInput, NamedAgentJob } from '../../src/expand/input.ts'
import { referenced } from '../../src/expand/referenced.ts'
import { Settings } from '../../src/expand/settings.ts'
import type { PureBenchmark } from './benchmark.ts'
import { agentJob, references } from './objects.ts'

/** Expansions a second of CPU time, garbage collection and all: what one core can do. */
export const expand: PureBenchmark = {
  name: 'expand',
  about: 'expand() alone, with four references',
  async start(effort) {
    const inputs = Array.from({ length: 1000 }, (_, i) => inputOf(`run-${i}`))
    // compiled before it is measured, as in an operator that has been at work for a while
    expandFor(inputs, effort.quick ? 100 : 2000)
    return async () => [{ name: 'expansions', unit: '/s', value: expandFor(inputs, effort.quick ? 100 : 2000) }]
  },
}

/** Expands them again and again for so many milliseconds; gives expansions a second of CPU time. */
function expandFor(inputs: ExpandInput[], ms: number): number {
  const cpu = process.cpuUsage()
  const end = performance.now() + ms
  let count = 0
  while (performance.now() < end)
    for (const input of inputs) {
      const { errors, expansion } = expandOnce(input)
      if (errors.length || expansion.resources.length !== 1) throw new Error('that is no complete expansion')
      count++
    }
  const { user, system } = process.cpuUsage(cpu)
  return count / ((user + system) / 1e6)
}

function inputOf(name: string): ExpandInput {
  const written = agentJob(name, { prompt: `Review what ${name} has changed.` })
  const spec = AgentJobSpec.parse(written.spec)
  const there = new Map(
    references().map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, referenced(kind, spec)]),
  )
  return {
    job: { ...written, metadata: { name, namespace: 'agents' }, spec } as NamedAgentJob,
    specChanged: true,
    requester: 'alice',
    grants: [],
    lookup: (kind, _namespace, name) => there.get(`${kind}/${name}`),
    settings: Settings.parse({}),
  }
}
