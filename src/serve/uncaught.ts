import type { Log } from '../kube/log.ts'

/**
 * Has the process end with a line of its log when nobody catches an error, and with exit code 1. A runtime by itself
 * would print the whole error, with all that it quotes.
 */
export function endWhenUncaught(log: Log): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (err: unknown) => {
      log.error({ err }, 'nobody has caught an error; the process ends')
      process.exit(1)
    })
}
