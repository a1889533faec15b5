import { expect, test } from 'bun:test'
import { APPLICATIONS, FLUX_MANIFESTS } from './examples.ts'
import { argoApplications, fluxKinds } from './programs.ts'

/* The examples by the tools' own types: a field that they do not have would be dropped without a word. */

const misspelt = { ...FLUX_MANIFESTS[1], spec: { ...FLUX_MANIFESTS[1]?.spec, healthCheckExpr: [] } }

test("Argo CD's", async () => {
  expect(await argoApplications(APPLICATIONS)).toEqual([{ status: 'argoproj.io/v1alpha1, Kind=Application' }])
  expect(await argoApplications([{ ...APPLICATIONS[0], sync: {} }])).toEqual([
    { error: expect.stringContaining('unknown field "sync"') },
  ])
}, 1_200_000)

test("Flux's", async () => {
  expect(await fluxKinds(FLUX_MANIFESTS)).toEqual([
    'source.toolkit.fluxcd.io/v1, Kind=GitRepository',
    'kustomize.toolkit.fluxcd.io/v1, Kind=Kustomization',
  ])
  await expect(fluxKinds([misspelt])).rejects.toThrow('unknown field "spec.healthCheckExpr"')
}, 1_200_000)
