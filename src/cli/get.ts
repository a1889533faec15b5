import { Command, Option } from 'commander'
import type { AgentJob } from '../api/agentjob.ts'
import { isNotFound } from '../kube/errors.ts'
import { resourcePath } from '../kube/object.ts'
import type { Query } from '../kube/transport.ts'
import { agentJobs, getAgentJob, missingKind, notFound, shortName } from './agentjobs.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { parseName } from './names.ts'
import { listOf, toJson, toYaml } from './print.ts'
import { AS_TABLE, formatTable, type Table } from './table.ts'

interface GetOptions extends ClusterOptions {
  allNamespaces?: boolean
  selector?: string
  output?: 'yaml' | 'json' | 'name' | 'wide'
}

/** `agentjob get`: AgentJobs as `kubectl get aj` shows them. */
export function getCommand(): Command {
  return withClusterOptions(new Command('get'))
    .description('Shows AgentJobs, with the columns of "kubectl get aj".')
    .argument('[name...]', 'AgentJobs; without one, all of them', (text, names: string[] = []) => [
      ...names,
      parseName(text),
    ])
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('-l, --selector <labels>', 'only those with these labels')
    .addOption(new Option('-o, --output <format>', 'format').choices(['wide', 'yaml', 'json', 'name']))
    .addHelpText('after', '\nExamples:\n  agentjob get\n  agentjob get hello -o yaml\n  agentjob get -A -o wide')
    .action((names: string[], options: GetOptions) =>
      withCluster(options, async (cluster) => {
        refuseNames(names, options)
        if (options.output === undefined || options.output === 'wide') await printTable(cluster, names, options)
        else await printObjects(cluster, names, options)
      }),
    )
}

function refuseNames(names: string[], o: GetOptions): void {
  if (!names.length) return
  if (o.allNamespaces) throw new Failure('names and -A do not go together: a name is one of a namespace', EXIT.usage)
  if (o.selector !== undefined) throw new Failure('names and -l do not go together', EXIT.usage)
}

const namespaceOf = (cluster: Cluster, o: GetOptions) => (o.allNamespaces ? undefined : cluster.namespace)

async function printTable(cluster: Cluster, names: string[], o: GetOptions): Promise<void> {
  const { tables, missing } = names.length ? await tablesOf(cluster, names) : await pagesOf(cluster, o)
  const rows = tables.flatMap((table) => table.rows)
  const [first] = tables
  if (first && rows.length)
    process.stdout.write(formatTable({ ...first, rows }, { wide: o.output === 'wide', namespace: o.allNamespaces }))
  else if (!missing.length) process.stderr.write(`${nothing(cluster, o)}\n`)
  if (missing.length)
    throw new Failure(
      missing.flatMap(({ lines }) => lines),
      missing[0]?.exitCode,
    )
}

const nothing = (cluster: Cluster, o: GetOptions) =>
  o.allNamespaces ? 'There are no AgentJobs.' : `There are no AgentJobs in namespace ${cluster.namespace}.`

interface Tables {
  tables: Table[]
  missing: Failure[]
}

const getTable = async ({ client }: Cluster, path: string, query: Query = {}) =>
  (await client.transport.request({ method: 'GET', path, query, accept: AS_TABLE })).body

async function tablesOf(cluster: Cluster, names: string[]): Promise<Tables> {
  const result: Tables = { tables: [], missing: [] }
  for (const name of names) {
    try {
      result.tables.push(await getTable(cluster, resourcePath(agentJobs, { namespace: cluster.namespace, name })))
    } catch (error) {
      if (!isNotFound(error)) throw error
      result.missing.push(await notFound(cluster, name))
    }
  }
  return result
}

async function pagesOf(cluster: Cluster, o: GetOptions): Promise<Tables> {
  const path = resourcePath(agentJobs, { namespace: namespaceOf(cluster, o) })
  const tables: Table[] = []
  let token: string | undefined
  try {
    do {
      const page = await getTable(cluster, path, { labelSelector: o.selector, limit: 500, continue: token })
      tables.push(page)
      token = page.metadata?.continue || undefined
    } while (token)
  } catch (error) {
    throw isNotFound(error) ? missingKind() : error
  }
  return { tables, missing: [] }
}

async function printObjects(cluster: Cluster, names: string[], o: GetOptions): Promise<void> {
  const objects = names.length ? await byName(cluster, names) : await all(cluster, o)
  for (const { metadata } of objects) delete (metadata as { managedFields?: unknown }).managedFields
  if (o.output === 'name') {
    process.stdout.write(objects.map(({ metadata }) => `${shortName(metadata.name as string)}\n`).join(''))
    return
  }
  const shown = names.length === 1 ? objects[0] : listOf(objects)
  process.stdout.write(o.output === 'json' ? toJson(shown) : toYaml(shown))
}

const byName = (cluster: Cluster, names: string[]): Promise<AgentJob[]> =>
  Promise.all(names.map((name) => getAgentJob(cluster, name)))

async function all(cluster: Cluster, o: GetOptions): Promise<AgentJob[]> {
  try {
    const options = { namespace: namespaceOf(cluster, o), labelSelector: o.selector }
    return (await cluster.client.list<AgentJob>(agentJobs, options)).items
  } catch (error) {
    throw isNotFound(error) ? missingKind() : error
  }
}
