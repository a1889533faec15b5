import { Command } from 'commander'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { DEFAULT_NAMESPACE, removeInstallation } from './install/apply.ts'
import { fateOf, leftBehind, refuseInstalled, takeRights } from './install/leftbehind.ts'

/** `agentjob uninstall`: the opposite of `agentjob install`, without what it would be dangerous to delete. */
export function uninstallCommand(): Command {
  return withClusterOptions(new Command('uninstall'), `namespace of the operator; ${DEFAULT_NAMESPACE} unless said`)
    .description(
      'Deletes what "agentjob install" has installed. The CRDs stay, and with them every AgentJob; so does the namespace, with the signing key in it. Says what becomes of the AgentJobs. Schedules go on starting agents: they are Kubernetes\' own.',
    )
    .option(
      '--take-rights',
      'also take away what rights AgentJobs have in the whole cluster, and with them what keeps these AgentJobs from being deleted; after "helm uninstall" too',
    )
    .addHelpText(
      'after',
      `
Examples:
  agentjob uninstall
  agentjob uninstall -n agents-system --context test
  agentjob uninstall --take-rights`,
    )
    .action((o: ClusterOptions & { takeRights?: boolean }) => {
      const namespace = o.namespace ?? DEFAULT_NAMESPACE
      let isEmpty = true
      const tell = (line: string) => {
        isEmpty = false
        process.stdout.write(`${line}\n`)
      }
      return withCluster({ ...o, namespace }, async ({ client }) => {
        await removeInstallation(client, namespace, tell)
        const left = await leftBehind(client, { needed: o.takeRights })
        if (o.takeRights) {
          await refuseInstalled(client)
          await takeRights(client, left, tell)
        }
        const lines = isEmpty ? [`"agentjob install" has installed nothing in namespace ${namespace}`] : []
        // where something else is installed, AgentJobs are looked after
        if (!isEmpty) lines.push(...fateOf(o.takeRights ? await leftBehind(client, { needed: true }) : left))
        for (const line of lines) process.stderr.write(`${line}\n`)
      })
    })
}
