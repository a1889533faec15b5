import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'gitops')
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8')

/** The health check that we offer for Argo CD. */
export const HEALTH_LUA = read('argocd/health.lua')

const manifestsOf = (path: string) => parseAllDocuments(read(path)).map((document) => document.toJS())

/** Our example of an Application. */
export const APPLICATIONS: object[] = manifestsOf('argocd/application.yaml')

/** Our example for Flux: where from, and what. */
export const FLUX_MANIFESTS: { kind: string; spec: Record<string, unknown> }[] = manifestsOf('flux/agents.yaml')

/** The health checks that we offer for Flux. */
export const HEALTH_CHECK_EXPRS = FLUX_MANIFESTS.find(({ kind }) => kind === 'Kustomization')?.spec
  .healthCheckExprs as object[]
