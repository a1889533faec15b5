import { join } from 'node:path'
import { built, moduleVersion } from '../cluster/built.ts'
import { run } from '../cluster/exec.ts'

const progress = (line: string) => console.error(`  ${line}`)

/**
 * Builds the program of one of our folders, which holds a GitOps tool's own code, and gives its path; it is built the
 * first time that somebody wants it. Refuses without Go.
 */
async function program(name: string, module: string, takes: string): Promise<string> {
  const source = join(import.meta.dirname, name)
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w']
  const folder = await built(
    {
      name: `${name} ${await moduleVersion(join(source, 'go.mod'), module)}`,
      takes,
      sources: ['go.mod', 'go.sum', 'main.go'].map((file) => join(source, file)),
      options: flags,
      build: async (to) => {
        await run('go', ['build', ...flags, '-o', join(to, name), '.'], { cwd: source, env: { CGO_ENABLED: '0' } })
      },
    },
    progress,
  )
  return join(folder, name)
}

const argocd = () => program('argocd', 'github.com/argoproj/argo-cd/v3', 'about 4 minutes')
const flux = () => program('flux', 'github.com/fluxcd/pkg/ssa', 'about 2 minutes')

async function ask<T>(path: string, question: object): Promise<T> {
  return JSON.parse(await run(path, [], { input: JSON.stringify(question), timeout: 60_000 }))
}

/** What Argo CD says: of the health of an object, or Synced or OutOfSync with both sides of what differs. */
export interface ArgoVerdict {
  status?: string
  message?: string
  error?: string
}

/** What Argo CD makes of the health of each object, by the script that is given. */
export const argoHealth = async (healthLua: string, objects: object[]): Promise<ArgoVerdict[]> =>
  ask(await argocd(), { healthLua, objects })

/** A manifest, what is stored of it, and, for the server-side diff, what a server-side dry run of it answers. */
export interface Comparison {
  config: object
  live: object
  predicted?: object
}

/** Whether Argo CD takes each for Synced. */
export const argoSync = async (diffs: Comparison[]): Promise<ArgoVerdict[]> => ask(await argocd(), { diffs })

/** What Flux says of an object: with `wait: true` alone, and with expressions; the error is of these. */
export interface FluxVerdict {
  wait: string
  exprs: string
  error?: string
}

/** What Flux makes of the health of each object, by the `healthCheckExprs` of a Kustomization. */
export const fluxHealth = async (healthCheckExprs: object[], objects: object[]): Promise<FluxVerdict[]> =>
  ask(await flux(), { healthCheckExprs, objects })

/** Applies objects as kustomize-controller does; gives what became of each: `AgentJob/NAMESPACE/NAME unchanged`. */
export const fluxApply = async (kubeconfig: string, namespace: string, apply: object[]): Promise<string[]> =>
  ask(await flux(), { kubeconfig, namespace, apply })

/** What each manifest is for Argo CD, which knows Applications and their fields. */
export const argoApplications = async (applications: object[]): Promise<ArgoVerdict[]> =>
  ask(await argocd(), { applications })

/** The kinds of manifests, by Flux's own types. Rejects where a field is not one of the kind's. */
export const fluxKinds = async (manifests: object[]): Promise<string[]> => ask(await flux(), { manifests })
