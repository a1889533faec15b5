import { jest } from 'bun:test'
import { Queue, type Result } from '../queue.ts'

/** Lets everything go on that waits for no timer. */
export async function settle() {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

export async function pass(ms: number) {
  jest.advanceTimersByTime(ms)
  await settle()
}

/** A queue whose reconciles end when the test says so. */
export function world(o: { concurrency?: number; random?: () => number } = {}) {
  const started: string[] = []
  const open = new Map<string, { resolve(result: Result): void; reject(error: Error): void }>()
  const seen = {
    ...{ depths: [] as number[], reconciled: [] as string[], logged: [] as object[] },
    ...{
      counts: { added: 0, delayed: 0 },
      waited: [] as number[],
      underWay: undefined as (() => number[]) | undefined,
    },
  }
  const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void seen.logged.push(fields) }
  const queue = new Queue({
    reconcile(key) {
      started.push(key)
      if (open.has(key)) throw new Error(`${key} is worked on twice at a time`)
      return new Promise((resolve, reject) => open.set(key, { resolve, reject })).finally(() =>
        open.delete(key),
      ) as never
    },
    concurrency: o.concurrency ?? 2,
    about: (name) => ({ name }),
    random: o.random ?? (() => 0.5),
    log,
    metrics: {
      depth: (length) => void seen.depths.push(length),
      added: () => void seen.counts.added++,
      delayed: () => void seen.counts.delayed++,
      taken: (seconds) => void seen.waited.push(seconds),
      working: (_, underWay) => {
        seen.underWay = underWay
      },
      reconciled: (result) => void seen.reconciled.push(result),
    },
  })
  async function end(key: string, result?: Result | Error) {
    const one = open.get(key)
    if (!one) throw new Error(`${key} is not worked on`)
    if (result instanceof Error) one.reject(result)
    else one.resolve(result)
    await settle()
  }
  return { queue, started, seen, end }
}
