import { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { withoutEffect } from '../expand/egress/settings.ts'
import { installManifests, labelsOf } from '../install/manifests.ts'
import { installedType } from '../install/types.ts'
import type { Values } from '../install/values.ts'
import { egressOf } from '../install/workloads.ts'
import { delay } from '../kube/delay.ts'
import type { KubeObject } from '../kube/object.ts'
import { untilExpanded } from './check.ts'
import { type Cluster, type ClusterOptions, withCluster, withClusterOptions } from './clusteroptions.ts'
import { EXIT, Failure } from './exit.ts'
import { applyInstallation, DEFAULT_NAMESPACE, INSTALLER } from './install/apply.ts'
import { guessedHosts, withHostsOf } from './install/hosts.ts'
import { type Deployment, podsOf, whatIsMissing } from './install/rollout.ts'
import { readValues } from './install/values.ts'
import { toYaml } from './print.ts'
import { teller, withTimeout } from './wait.ts'

interface InstallOptions extends ClusterOptions {
  values?: string[]
  set?: string[]
  print?: boolean
  wait?: boolean
  timeout?: number
}

const several = (value: string, values: string[] = []) => [...values, value]

/** `agentjob install`: the objects of the chart, for people without Helm. */
export function installCommand(): Command {
  return withTimeout(
    withClusterOptions(new Command('install'), `namespace of the operator; ${DEFAULT_NAMESPACE} unless said`),
  )
    .description(
      'Installs AgentJob into a cluster, or brings an installation to this version and these values: the same objects as the Helm chart, from the same values. Applied server-side; what somebody else has made, or set, is left as it is and told of, and then nothing is written.',
    )
    .option('-f, --values <file>', 'values of the chart (YAML); may be repeated, the last one counts most', several)
    .option('--set <path=value>', 'one value; may be repeated', several)
    .option('--print', 'print the objects, and touch no cluster')
    .option('--wait', 'wait until all pods are ready and admission answers')
    .addHelpText(
      'after',
      `
Values are those of the chart: charts/agentjob/values.yaml. What stands behind
--set PATH= is YAML, and text where the value is one (image.tag=1.10); a list is
[a, b], or {a,b} as for Helm. What an earlier installation had and this one has
not is deleted, but never a CRD.

Examples:
  agentjob install --wait --timeout=5m
  agentjob install -f values.yaml --set clusterAccess.enabled=true
  agentjob install --print |
    kubectl diff --server-side --field-manager=${INSTALLER} -f -`,
    )
    .action(install)
}

async function install(o: InstallOptions): Promise<void> {
  const namespace = o.namespace ?? DEFAULT_NAMESPACE
  const values = await readValues(o.values ?? [], o.set ?? [])
  for (const sentence of withoutEffect(egressOf(values))) process.stderr.write(`warning: ${sentence}\n`)
  const { version } = manifest
  const labels = labelsOf({ version, managedBy: INSTALLER })
  const objectsFor = (values: Values) => [
    namespaceObject(namespace, labels),
    ...installManifests({ values, namespace, version, labels }),
  ]
  if (o.print) {
    const guessed = guessedHosts(values)
    if (guessed !== undefined) process.stderr.write(`${guessed}\n`)
    const texts = objectsFor(values).map((object) => `---\n${toYaml(object)}`)
    return void process.stdout.write(texts.join(''))
  }
  await withCluster({ ...o, namespace }, async (cluster) => {
    const objects = objectsFor(await withHostsOf(cluster.client, values))
    await applyInstallation(cluster.client, objects, namespace, (line) => void process.stdout.write(`${line}\n`))
    if (o.wait) await untilReady(cluster, objects, o.timeout)
    else process.stderr.write('"agentjob check" says when it answers\n')
  })
}

/** Nobody but the operator has pods in it, and its pods satisfy "restricted". */
const namespaceObject = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' } },
})

/** Until there are pods of the new version alone, all available, and admission answers; a Failure where not in time. */
async function untilReady(cluster: Cluster, objects: KubeObject[], timeoutMs: number | undefined): Promise<void> {
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs
  const tell = teller('waiting', { againMs: 30_000 })
  for (const wanted of objects.filter(({ kind }) => kind === 'Deployment')) {
    const { name = '', namespace } = wanted.metadata
    for (;;) {
      const live = await cluster.client.get<Deployment>(installedType(wanted), { name, namespace })
      const missing = live ? whatIsMissing(live, await podsOf(cluster.client, live), Date.now()) : 'it is gone'
      if (missing === undefined) break
      tell(`deployment ${name}: ${missing}`)
      if (Date.now() >= deadline)
        throw new Failure(
          `the time was up; deployment ${name}: ${missing}; "kubectl describe pods -n ${namespace} -l app.kubernetes.io/name=agentjob" says why`,
          EXIT.timeout,
        )
      await delay(1000)
    }
  }
  const rest = timeoutMs === undefined ? undefined : Math.max(deadline - Date.now(), 1)
  await untilExpanded(cluster, { timeoutMs: rest, tell })
  process.stdout.write('AgentJob is installed and answers\n')
}
