import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { toYaml } from '../../src/cli/print.ts'
import { type ClusterHandle, down, loadImage, up } from '../cluster/cluster.ts'
import { echoImage } from '../cluster/echo.ts'
import { run } from '../cluster/exec.ts'
import { existingKubeconfig } from '../cluster/existing.ts'
import { step } from '../cluster/progress.ts'
import { packOperator } from '../image/image.ts'
import { CHART, NAMESPACE, program, RELEASE } from './chart.ts'

const progress = (line: string) => console.error(`  ${line}`)

/** A cluster with the images of the operator and of the echo agent, for a release of the chart. */
export interface ReleaseCluster {
  kubectl(args: string[], input?: string): Promise<string>
  /** helm, for this cluster and the namespace of the release. */
  helm(...args: string[]): Promise<string>
  /** `helm upgrade --install --wait` with these values. */
  install(values?: object, ...args: string[]): Promise<string>
  apply(...objects: object[]): Promise<string>
  handle: ClusterHandle
  down(): Promise<void>
}

/**
 * Starts a cluster in whose namespace of the release, and in the namespace `agents`, Pod Security "restricted" is
 * enforced. undefined where there can be no pods, or no helm: an existing cluster may have an operator of its own, and no
 * way to load an image.
 */
export async function releaseCluster(name: string): Promise<ReleaseCluster | undefined> {
  if (existingKubeconfig() || !program) return undefined
  const handle = await up({ name, fresh: true, progress })
  if (!handle.pods) return undefined
  const kubectl = (args: string[], input?: string) =>
    run(handle.bin.kubectl, args, { env: { KUBECONFIG: handle.kubeconfig }, input, timeout: 180_000 })
  const helmWith = (input: string | undefined, args: string[]) =>
    run(program as string, [...args, '--namespace', NAMESPACE], {
      env: { KUBECONFIG: handle.kubeconfig },
      input,
      timeout: 360_000,
    })
  const apply = (...objects: object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], objects.map((object) => stringify(object)).join('---\n'))
  await step(progress, 'images loaded', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'operator-'))
    await packOperator(join(folder, 'agentjob.tar'))
    await loadImage(handle, join(folder, 'agentjob.tar'))
    await rm(folder, { recursive: true })
    await loadImage(handle, (await echoImage(progress)).tar)
  })
  for (const namespace of [NAMESPACE, 'agents']) {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } })
  }
  return {
    kubectl,
    helm: (...args) => helmWith(undefined, args),
    install: (values = {}, ...args) =>
      helmWith(toYaml(values), ['upgrade', '--install', RELEASE, CHART, '--wait', '--values', '-', ...args]),
    apply,
    handle,
    down: () => down(name),
  }
}
