import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { moduleVersion } from '../cluster/built.ts'
import { run } from '../cluster/exec.ts'
import { helm } from './helm.ts'

let program: string
let chart: string
beforeAll(async () => {
  program = await helm((line) => console.error(`  ${line}`))
  chart = await mkdtemp(join(tmpdir(), 'chart-'))
  await mkdir(join(chart, 'templates'))
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: tiny\nversion: 1.2.3\nkubeVersion: ">=1.30.0-0"\n')
  await writeFile(join(chart, 'values.yaml'), 'greeting: hello\n')
  await writeFile(
    join(chart, 'templates', 'configmap.yaml'),
    [
      'apiVersion: v1',
      'kind: ConfigMap',
      'metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}',
      'data: {greeting: {{ .Values.greeting | quote }}, chart: {{ .Chart.Name }}-{{ .Chart.Version }}}',
    ].join('\n'),
  )
}, 1_200_000)
afterAll(() => rm(chart, { recursive: true }))

test('it is the version that go.mod asks for', async () => {
  const version = await moduleVersion(join(import.meta.dirname, 'go.mod'), 'helm.sh/helm/v4')
  expect((await run(program, ['version', '--template', '{{.Version}}'])).trim()).toBe(version)
})

test('it renders a chart with values, for a Kubernetes that the chart accepts', async () => {
  const args = ['template', 'release', chart, '-n', 'here', '--set', 'greeting=good morning']
  const rendered = await run(program, [...args, '--kube-version', '1.36.3'])
  expect(rendered).toContain('metadata: {name: release, namespace: here}')
  expect(rendered).toContain('data: {greeting: "good morning", chart: tiny-1.2.3}')
  await expect(run(program, [...args, '--kube-version', '1.29.0'])).rejects.toThrow('1.29.0')
})

test('asked again, it is there at once', async () => {
  const said: string[] = []
  expect(await helm((line) => said.push(line))).toBe(program)
  expect(said).toEqual([])
})
