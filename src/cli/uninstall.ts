import { Command } from 'commander'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { DEFAULT_NAMESPACE, removeOthers } from './install/apply.ts'

/** `agentjob uninstall`: the opposite of `agentjob install`, without what it would be dangerous to delete. */
export function uninstallCommand(): Command {
  return withClusterOptions(new Command('uninstall'), `namespace of the operator; ${DEFAULT_NAMESPACE} unless said`)
    .description(
      'Deletes what "agentjob install" has installed, but for the CRDs, and with them every AgentJob, and for the namespace, with the signing key in it. Schedules go on starting agents: they are Kubernetes\' own.',
    )
    .addHelpText(
      'after',
      `
Examples:
  agentjob uninstall
  agentjob uninstall -n agents-system --context test`,
    )
    .action((o: ClusterOptions) => {
      const namespace = o.namespace ?? DEFAULT_NAMESPACE
      return withCluster({ ...o, namespace }, ({ client }) =>
        removeOthers(client, [], namespace, (line) => void process.stdout.write(`${line}\n`)),
      )
    })
}
