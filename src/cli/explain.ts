import { Command, Option } from 'commander'
import { type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { colourFor } from './colour.ts'
import { collect } from './explain/collect.ts'
import { explain } from './explain/explanation.ts'
import { render } from './explain/render.ts'
import { parseName } from './names.ts'
import { toJson } from './print.ts'

/** `agentjob explain`: why an AgentJob stands where it stands, and what to do. */
export function explainCommand(): Command {
  return withClusterOptions(new Command('explain'))
    .description(
      'Says why an AgentJob is in its phase and what to do about it: the cause, the remedy, the conditions that are not as they should be, its newest run, the last events, and the end of the log of a run that failed. What you may not read is left out, and named.',
    )
    .argument('<name>', 'AgentJob', parseName)
    .addOption(new Option('-o, --output <format>', 'print all of it as JSON').choices(['json']))
    .addHelpText('after', '\nExamples:\n  agentjob explain hello\n  agentjob explain nightly -n team -o json')
    .action((name: string, options: ClusterOptions & { output?: 'json' }) =>
      withCluster(options, async (cluster) => {
        const flags = options.namespace === undefined ? '' : ` -n ${options.namespace}`
        const facts = await collect(cluster, name, flags, new Date())
        const explanation = explain(facts)
        process.stdout.write(
          options.output === 'json'
            ? toJson(explanation)
            : `${render(explanation, facts.now, colourFor(process.stdout)).join('\n')}\n`,
        )
      }),
    )
}
