import { type Life, type Operation, RUNTIME, type Step } from './lives.ts'
import { type Prompt, promptText } from './prompt.ts'
import type { Random } from './random.ts'

const SCHEDULE = '30 2 1 1 *'

type Plan = (life: { name: string; random: Random; at(): number }) => Omit<Life, 'name'> & { name?: string }

const prompt = (random: Random, o: Partial<Prompt> = {}) =>
  promptText({ ms: random.int(0, 400), exitCode: 0, result: `r${random.int(0, 9999)}`, ...o })
const lasting = (random: Random) => prompt(random, { ms: 600_000 })
const spec = (text: string, more: object = {}) => ({ runtimeRef: RUNTIME, prompt: text, ...more })
const change = (random: Random): Operation => ({ kind: 'change', prompt: prompt(random) })

/** The steps at times in between, in their order; the first one comes first. */
function steps(at: () => number, ...operations: Operation[]): Step[] {
  const times = operations.map(at).sort((a, b) => a - b)
  return operations.map((operation, index) => ({ atMs: times[index]!, ...operation }))
}

/** Every way in which an AgentJob can live; a schedule takes each at least once. */
export const PLANS: Record<string, Plan> = {
  once: ({ random, at }) => ({ spec: spec(prompt(random)), steps: steps(at, { kind: 'create' }) }),
  'cleaned up': ({ random, at }) => ({
    spec: spec(prompt(random, { ms: random.int(0, 50) })),
    steps: steps(at, { kind: 'create' }, { kind: 'clean-up' }),
  }),
  failing: ({ random, at }) => ({
    spec: spec(prompt(random, { exitCode: random.int(1, 120) })),
    steps: steps(at, { kind: 'create' }, ...(random.chance(0.5) ? [{ kind: 'rerun' } as const] : [])),
  }),
  generated: ({ random, at }) => ({ name: '', spec: spec(prompt(random)), steps: steps(at, { kind: 'create' }) }),
  changed: ({ random, at }) => ({
    spec: spec(prompt(random)),
    steps: steps(at, { kind: 'create' }, change(random), { kind: 'label' }, change(random)),
  }),
  'back and forth': ({ random, at }) => {
    const [a, b] = [prompt(random), prompt(random)]
    return {
      spec: spec(a),
      steps: steps(at, { kind: 'create' }, { kind: 'change', prompt: b }, { kind: 'change', prompt: a }),
    }
  },
  superseded: ({ random, at }) => ({
    spec: spec(lasting(random)),
    steps: steps(at, { kind: 'create' }, change(random)),
  }),
  lasting: ({ random, at }) => ({
    spec: spec(lasting(random)),
    steps: steps(at, { kind: 'create' }, { kind: 'stop' }),
  }),
  suspended: ({ random, at }) => ({
    spec: spec(prompt(random), { suspend: true }),
    steps: steps(
      at,
      { kind: 'create' },
      change(random),
      ...(random.chance(0.6) ? [{ kind: 'suspend', suspend: false } as const] : []),
    ),
  }),
  rerun: ({ random, at }) => ({
    spec: spec(prompt(random)),
    steps: steps(at, { kind: 'create' }, { kind: 'apply' }, { kind: 'rerun' }, { kind: 'label' }, { kind: 'rerun' }),
  }),
  scheduled: ({ random, at }) => ({
    spec: spec(prompt(random), { schedule: SCHEDULE }),
    steps: steps(at, { kind: 'create' }, change(random), { kind: 'suspend', suspend: random.chance(0.5) }),
  }),
  'scheduled, run by hand': ({ random, at }) => ({
    spec: spec(prompt(random), { schedule: SCHEDULE }),
    steps: steps(at, { kind: 'create' }, { kind: 'trigger' }, { kind: 'rerun' }),
  }),
  'scheduled, meddled with': ({ random, at }) => ({
    spec: spec(prompt(random), { schedule: SCHEDULE }),
    steps: steps(
      at,
      { kind: 'create' },
      { kind: 'edit-child', child: 'CronJob' },
      { kind: 'delete-child', child: 'CronJob' },
      { kind: 'edit-child', child: 'CronJob' },
    ),
  }),
  deleted: ({ random, at }) => ({
    spec: spec(random.chance(0.5) ? prompt(random) : lasting(random), accessOf(random)),
    steps: steps(at, { kind: 'create' }, { kind: 'delete' }),
  }),
  recreated: ({ random, at }) => ({
    spec: spec(prompt(random), accessOf(random)),
    steps: steps(at, { kind: 'create' }, { kind: 'recreate' }),
  }),
  'in the way of a stranger': ({ random, at }) => ({
    spec: spec(prompt(random)),
    steps: steps(at, { kind: 'create', stranger: true }, { kind: 'label' }),
  }),
  'with rights': ({ random, at }) => ({
    spec: spec(prompt(random), { clusterAccessRef: 'namespace' }),
    steps: steps(
      at,
      { kind: 'create' },
      { kind: 'edit-child', child: 'Role' },
      { kind: 'delete-child', child: random.pick(['RoleBinding', 'ServiceAccount', 'Role']) },
    ),
  }),
  'with rights everywhere': ({ random, at }) => ({
    spec: spec(prompt(random), { clusterAccessRef: 'cluster' }),
    steps: steps(
      at,
      { kind: 'create' },
      { kind: 'delete-child', child: random.pick(['ClusterRole', 'ClusterRoleBinding']) },
      random.chance(0.5) ? { kind: 'recreate' } : change(random),
    ),
  }),
  'with a volume': ({ random, at }) => ({
    spec: spec(prompt(random), { persist: true }),
    steps: steps(at, { kind: 'create' }, change(random), { kind: 'rerun' }),
  }),
  'missing a reference': ({ name, random, at }) => ({
    spec: spec(prompt(random), { roleRef: `role-of-${name}` }),
    steps: steps(at, { kind: 'create' }, role(`role-of-${name}`, random), role(`role-of-${name}`, random)),
  }),
  'run again by a reference': ({ name, random, at }) => ({
    spec: spec(prompt(random), { roleRef: `role-of-${name}`, redeploy: 'OnChange' }),
    steps: steps(at, role(`role-of-${name}`, random), { kind: 'create' }, role(`role-of-${name}`, random)),
  }),
}

const role = (name: string, random: Random): Operation => ({
  kind: 'reference',
  reference: 'AgentRole',
  name,
  content: `tool-${random.int(0, 9999)}`,
})

const accessOf = (random: Random) =>
  random.pick([{}, { clusterAccessRef: 'namespace' }, { clusterAccessRef: 'cluster' }])
