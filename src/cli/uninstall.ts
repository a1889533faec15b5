import { Command } from 'commander'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { DEFAULT_NAMESPACE, removeInstallation } from './install/apply.ts'

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
      let isEmpty = true
      const tell = (line: string) => {
        isEmpty = false
        process.stdout.write(`${line}\n`)
      }
      return withCluster({ ...o, namespace }, async ({ client }) => {
        await removeInstallation(client, namespace, tell)
        if (isEmpty) process.stderr.write(`"agentjob install" has installed nothing in namespace ${namespace}\n`)
      })
    })
}
