import type { AgentJobSpec } from '../api/agentjob.ts'
import type { Finding } from '../api/finding.ts'
import { keptAlive } from '../dialects/keepalive.ts'
import type { Command } from '../dialects/start.ts'
import { keepAliveSeconds } from './deadlines.ts'

/**
 * The command of a container that may go on after its agent. `runtime` is the AgentRuntime's name, undefined while it is
 * missing: what it has to have is told when it is there.
 */
export function keptForPeople(
  spec: AgentJobSpec,
  { command, args }: Partial<Command>,
  runtime: string | undefined,
): { container: Partial<Command>; errors: Finding[] } {
  const keep = keepAliveSeconds(spec)
  if (keep === undefined) return { container: { command, args }, errors: [] }
  if (command?.length)
    return {
      container: keptAlive({ command, args: args ?? [] }, { timeout: spec.timeoutSeconds, keep }),
      errors: [],
    }
  const message = `AgentRuntime "${runtime}" has no command, and what its image starts with is not known here; write that into its command, the image's entrypoint for example`
  return {
    container: { command, args },
    errors: runtime === undefined ? [] : [{ path: 'spec.humanInTheLoop', message }],
  }
}
