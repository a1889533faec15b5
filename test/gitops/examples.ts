import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'gitops')
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8')

/** The health check that we offer for Argo CD. */
export const HEALTH_LUA = read('argocd/health.lua')

/** Those that we offer for Flux: `healthCheckExprs` of our example of a Kustomization. */
export const HEALTH_CHECK_EXPRS: object[] = parseAllDocuments(read('flux/agents.yaml'))
  .map((document) => document.toJS())
  .find(({ kind }) => kind === 'Kustomization').spec.healthCheckExprs
