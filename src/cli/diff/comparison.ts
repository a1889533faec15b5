import type { AgentJob } from '../../api/agentjob.ts'
import type { ChildResource } from '../../api/expansion.ts'
import { formatFinding } from '../../api/finding.ts'
import { renderedRevision } from '../../status/revision.ts'
import { toYaml } from '../print.ts'
import { runUnderWay } from '../rerun.ts'

/** A text as it is and as it would be; empty for what is not there. */
export interface Change {
  /** A file's name: `Job.team.hello-43c397f0.yaml`. */
  file: string
  before: string
  after: string
}

/** What applying an AgentJob would change in what runs. */
export interface Comparison {
  changes: Change[]
  /** What that comes to, in a sentence. */
  meaning?: string
}

/** Compares an AgentJob as it is, undefined for a new one, with what admission would make of it. */
export function compare(live: AgentJob | undefined, dry: AgentJob): Comparison {
  const { namespace, name } = dry.metadata
  const changes = [
    {
      file: `AgentJob.${namespace}.${name}.yaml`,
      before: live ? textOf(specOf(live)) : '',
      after: textOf(specOf(dry)),
    },
    ...pairs(live?.expansion?.resources ?? [], dry.expansion?.resources ?? []).map(([before, after]) => ({
      file: fileOf((after ?? before) as ChildResource),
      before: before ? textOf(before) : '',
      after: after ? textOf(after) : '',
    })),
  ].filter(({ before, after }) => before !== after)
  return changes.length ? { changes, meaning: meaningOf(live, dry) } : { changes }
}

const specOf = ({ apiVersion, kind, metadata: { namespace, name }, spec }: AgentJob) => ({
  ...{ apiVersion, kind, metadata: { namespace, name }, spec },
})
const fileOf = ({ kind, metadata: { namespace, name } }: ChildResource) =>
  `${[kind, namespace, name].filter(Boolean).join('.').replaceAll('/', '_')}.yaml`

/** Children of the same name belong together; of the rest those of the same kind, whose names hold a hash. */
function pairs(
  before: ChildResource[],
  after: ChildResource[],
): [ChildResource | undefined, ChildResource | undefined][] {
  const left = [...before]
  const take = (isIt: (one: ChildResource) => boolean) => {
    const index = left.findIndex(isIt)
    return index < 0 ? undefined : left.splice(index, 1)[0]
  }
  const isSame = (a: ChildResource, b: ChildResource) => a.kind === b.kind && a.metadata.name === b.metadata.name
  const exact = after.map((one) => take((other) => isSame(one, other)))
  const paired = after.map((one, index): [ChildResource | undefined, ChildResource] => [
    exact[index] ?? take((other) => other.kind === one.kind),
    one,
  ])
  return [...paired, ...left.map((one): [ChildResource, undefined] => [one, undefined])]
}

/** What would run, or not. */
function meaningOf(live: AgentJob | undefined, dry: AgentJob): string {
  const { expansion, spec } = dry
  const [problem] = expansion?.problems ?? []
  if (problem) return `applying this runs nothing until this is over: ${formatFinding(problem)}`
  const held = spec.suspend ? ', once spec.suspend is false' : ''
  const revision = renderedRevision(dry)
  if (revision === undefined)
    return live ? `the next run takes it${held}` : `new: applying this puts the schedule in place${held}`
  if (!live) return `new: applying this runs it${held}`
  if ([renderedRevision(live), live.status?.revision].includes(revision))
    return 'revision stays: applying this runs nothing'
  const running = runUnderWay(live)
  const ends = running ? `, and ends the run of Job ${running.jobName}` : ''
  return `revision changes: applying this runs it again${held}${ends}`
}

/** YAML, in which files of the agent that are JSON in an annotation are spelled out: a line holds no more than one change. */
const textOf = (value: unknown): string => toYaml(spelledOut(value))

function spelledOut(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('{') ? (parsed(value) ?? value) : value
  if (Array.isArray(value)) return value.map(spelledOut)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, spelledOut(member)]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
