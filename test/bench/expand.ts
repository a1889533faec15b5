import { AgentJobSpec } from '../../src/api/agentjob.ts'
import { expand as expandOnce } from '../../src/expand/expand.ts'
import type { ExpandInput, NamedAgentJob } from '../../src/expand/input.ts'
import { referenced, referencedConfigMap } from '../../src/expand/referenced.ts'
import { Settings } from '../../src/expand/settings.ts'
import type { PureBenchmark } from './benchmark.ts'
import { agentJob, references } from './objects.ts'

/** Expansions a second of CPU time, garbage collection and all: what one core can do. */
export const expand: PureBenchmark = {
  name: 'expand',
  about: 'expand() alone, with four references, and with contexts of every type beside them',
  async start({ quick }) {
    const ms = quick ? 100 : 2000
    const plain = Array.from({ length: 1000 }, (_, i) => inputOf(`run-${i}`))
    const full = Array.from({ length: 1000 }, (_, i) => inputOf(`run-${i}`, CONTEXTS))
    // compiled before it is measured, as in an operator that has been at work for a while
    for (const inputs of [plain, full]) expandFor(inputs, ms)
    return async () => [
      { name: 'expansions', unit: '/s', value: expandFor(plain, ms) },
      { name: 'expansions with full contexts', unit: '/s', value: expandFor(full, ms) },
    ]
  },
}

const TEXT = 'Mend the cause, not the symptom. '.repeat(128)
/** Of each type one that is told and one that is mounted, as far as it can be both; texts of 4 KiB. */
const CONTEXTS = [
  { type: 'Inline', inline: { content: TEXT } },
  { type: 'Inline', inline: { content: TEXT }, mountPath: '/etc/rules/inline.md' },
  { type: 'ConfigMap', configMap: { name: 'rules', key: 'rules.md' } },
  { type: 'ConfigMap', configMap: { name: 'rules', key: 'rules.md' }, mountPath: '/etc/rules/configmap.md' },
  { type: 'Secret', secret: { name: 'rules', key: 'rules.md' }, mountPath: '/etc/rules/secret.md' },
  { type: 'Git', git: { repository: 'https://github.com/acme/rules.git', ref: 'main' }, mountPath: '/srv/rules' },
  { type: 'Url', url: { url: 'https://example.com/rules.md' }, mountPath: '/etc/rules/url.md' },
]
const RULES = referencedConfigMap({ data: { 'rules.md': TEXT } })

/** Expands them again and again for so many milliseconds; gives expansions a second of CPU time. */
function expandFor(inputs: ExpandInput[], ms: number): number {
  const cpu = process.cpuUsage()
  const end = performance.now() + ms
  let count = 0
  while (performance.now() < end)
    for (const input of inputs) {
      const { errors, expansion } = expandOnce(input)
      if (errors.length || !expansion.resources.some(({ kind }) => kind === 'Job'))
        throw new Error(`that is no complete expansion: ${JSON.stringify([errors, expansion.problems])}`)
      count++
    }
  const { user, system } = process.cpuUsage(cpu)
  return count / ((user + system) / 1e6)
}

function inputOf(name: string, contexts?: object[]): ExpandInput {
  const written = agentJob(name, { prompt: `Review what ${name} has changed.`, ...(contexts ? { contexts } : {}) })
  const spec = AgentJobSpec.parse(written.spec)
  const there = new Map(
    references().map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, referenced(kind, spec)]),
  )
  return {
    job: { ...written, metadata: { name, namespace: 'agents' }, spec } as NamedAgentJob,
    specChanged: true,
    requester: 'alice',
    grants: [{ kind: 'ConfigMap', namespace: 'agents', name: 'rules' }],
    lookup: (kind, _namespace, name) => (kind === 'ConfigMap' ? RULES : there.get(`${kind}/${name}`)),
    quotas: [],
    settings: Settings.parse({}),
  }
}
