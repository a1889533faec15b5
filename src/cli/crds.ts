import { Command, Option } from 'commander'
import { type CustomResourceDefinition, crd } from '../api/crd.ts'
import { canonicalJson } from '../api/hash.ts'
import { kinds } from '../api/kinds.ts'
import { listOf, toJson, toYaml } from './print.ts'

/** `agentjob crds`: the CustomResourceDefinitions of every kind, as this version of agentjob serves them. */
export function crdsCommand(): Command {
  return new Command('crds')
    .description(
      'Prints the CustomResourceDefinitions of the AgentJob kinds. Apply them before the first object, and again with each new version of agentjob.',
    )
    .addOption(new Option('-o, --output <format>', 'format').choices(['yaml', 'json']).default('yaml'))
    .addHelpText(
      'after',
      `
Examples:
  agentjob crds | kubectl apply -f -
  agentjob crds | kubectl diff -f -`,
    )
    .action(({ output }: { output: 'yaml' | 'json' }) => {
      const crds = kinds.map(crd)
      const yaml = () => crds.map((one) => `---\n${crdYaml(one)}`).join('')
      process.stdout.write(output === 'json' ? toJson(listOf(crds)) : yaml())
    })
}

/** A CustomResourceDefinition as YAML, keys in alphabetical order: equal ones give equal text. */
export const crdYaml = (definition: CustomResourceDefinition): string => toYaml(JSON.parse(canonicalJson(definition)))
