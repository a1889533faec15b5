import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import { duration } from '../cluster/progress.ts'
import { NAME } from './contents.ts'
import { packOperator } from './image.ts'
import { layOut } from './layout.ts'

const HELP = `
Examples:
  npm run image -- --output agentjob.tar          # docker load -i, podman load -i, ctr -n k8s.io images import
  bin/agentjob cluster load agentjob.tar          # after it, for the pods of the cluster of "agentjob cluster up"
  npm run image -- --directory root               # the files alone, as the Dockerfile copies them

It is an image for the architecture of this machine. With a container engine: docker build .`

interface Flags {
  output?: string
  directory?: string
  name: string
}

async function main(): Promise<void> {
  const command = new Command('npm run image --')
    .description("builds the operator's image, without a container engine")
    .option('--output <file>', 'write the image as a docker-archive')
    .option('--directory <folder>', 'write the files that it consists of')
    .option('--name <name>', 'full name of the image', NAME)
    .addHelpText('after', HELP)
    .parse()
  const { output, directory, name } = command.opts<Flags>()
  if (!output === !directory) command.error('say where to: either --output or --directory')
  const start = performance.now()
  if (directory) await layOut(directory)
  if (output) {
    await packOperator(output, name)
    const megabytes = Math.round((await stat(output)).size / 1e6)
    console.log(`${output}: ${name}, ${megabytes} MB, ${duration(performance.now() - start)}`)
  }
}

await main()
