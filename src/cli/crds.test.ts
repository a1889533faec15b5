import { expect, test } from 'bun:test'
import { parse, parseAllDocuments } from 'yaml'
import { crd } from '../api/crd.ts'
import { kinds } from '../api/kinds.ts'
import { crdYaml } from './crds.ts'

/** What a process that runs the command alone prints. */
function printed(...options: string[]): string {
  const script = `(await import('./crds.ts')).crdsCommand().parse(${JSON.stringify(options)}, { from: 'user' })`
  const { stdout, exitCode } = Bun.spawnSync([process.execPath, '-e', script], { cwd: import.meta.dirname })
  expect(exitCode).toBe(0)
  return stdout.toString()
}

test('crds: a YAML stream of all of them', () =>
  expect(parseAllDocuments(printed()).map((document) => document.toJS())).toEqual(kinds.map(crd)))

test('crds: each has the label by which "kubectl delete crd -l" finds those of an installation', () => {
  const labels = parseAllDocuments(printed()).map((document) => document.toJS().metadata.labels)
  expect(new Set(labels.map((one) => JSON.stringify(one)))).toEqual(
    new Set(['{"app.kubernetes.io/part-of":"agentjob"}']),
  )
})

test('crds -o json: a List of all of them', () =>
  expect(JSON.parse(printed('-o', 'json'))).toMatchObject({ kind: 'List', items: kinds.map(crd) }))

test('crdYaml: the order of keys does not matter', () => {
  const [definition] = kinds.map(crd)
  if (!definition) throw new Error('no kinds')
  const { metadata, spec, ...rest } = definition
  expect(crdYaml({ spec, ...rest, metadata })).toBe(crdYaml(definition))
  expect(parse(crdYaml(definition))).toEqual(definition)
})
