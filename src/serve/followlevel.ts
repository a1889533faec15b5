import type { LogLevel } from '../expand/settings.ts'
import { delay } from '../kube/delay.ts'
import type { Log } from '../kube/log.ts'

/** Whose level follows what. */
export interface FollowOptions {
  /** What the settings say now; undefined where they say nothing. Rejects where they cannot be read. */
  read(): Promise<LogLevel | undefined>
  /** For when they say nothing. */
  otherwise: LogLevel
  log: Log & { level: string }
  signal: AbortSignal
  /** How often they are read; 10 s unless said, as certificates are: the kubelet swaps a link, which file watches miss. */
  intervalMs?: number
}

/**
 * Keeps a log at the level that the settings say, until `signal`: whoever may change them may have more told, and nobody
 * else. Settings that cannot be read change nothing, and are told of once.
 */
export async function followLevel(o: FollowOptions): Promise<void> {
  let failure: string | undefined
  while (!o.signal.aborted) {
    await delay(o.intervalMs ?? 10_000, o.signal).catch(() => {})
    if (o.signal.aborted) return
    try {
      const level = (await o.read()) ?? o.otherwise
      failure = undefined
      if (level === o.log.level) continue
      o.log.level = level
      // at any level: who looks for what he has changed should find it
      o.log.error({ logLevel: level }, 'the log has another level')
    } catch (err) {
      const { message } = err as Error
      if (message !== failure) o.log.warn({ err }, 'the settings cannot be read; the level of the log stays')
      failure = message
    }
  }
}
