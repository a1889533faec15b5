import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { KubeObject, ResourceType } from '../../src/kube/object.ts'
import { run } from '../cluster/exec.ts'

const MODULE = 'github.com/cilium/cilium'
const VERSION = 'v1.20.2'
const FILE = 'pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml'

/** Where CRDs are served. */
export const CRDS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

let known: Promise<KubeObject | undefined> | undefined

/**
 * Cilium's own CRD of CiliumNetworkPolicies, out of its Go module (38 MB, downloaded once); undefined where it is not to be
 * had. Nothing of Cilium is built or run: what it takes is known by it, and not what it does.
 */
export const ciliumCrd = (): Promise<KubeObject | undefined> => {
  known ??= download().catch(() => undefined)
  return known
}

async function download(): Promise<KubeObject> {
  const folder = await mkdtemp(join(tmpdir(), 'cilium-'))
  try {
    const answer = await run('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], {
      cwd: folder,
      timeout: 300_000,
    })
    return parse(await readFile(join((JSON.parse(answer) as { Dir: string }).Dir, FILE), 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
