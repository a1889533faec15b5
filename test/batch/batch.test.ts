import { describe, expect, test } from 'bun:test'
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Ajv from 'ajv'
import { parse, parseAllDocuments } from 'yaml'
import { run } from '../../src/cli/testing/run.ts'
import { binaries } from '../cluster/binaries.ts'

/* The examples that make many AgentJobs from a list, rendered by Helm and by the Kustomize that is in kubectl. */

const FOLDER = join(import.meta.dirname, '..', '..', 'examples', 'batch')
const exec = promisify(execFile)

const rendered = async (program: string, args: string[]): Promise<string> =>
  (await exec(program, args, { cwd: FOLDER })).stdout

const COMMON = 'Mend the open pull requests whose checks fail.'
const OWN = 'Proofread what has changed since last week.\nPropose corrections as one pull request.'

/** What both make, without what they put beside it. */
async function expectThree(text: string): Promise<void> {
  const jobs = parseAllDocuments(text).map((document) => document.toJS())
  const told = jobs.map(({ metadata: { name, labels }, spec: { prompt, repositoryRefs, runtimeRef, schedule } }) => [
    name,
    labels.batch,
    runtimeRef,
    prompt.trim(),
    repositoryRefs.join(),
    schedule,
  ])
  expect(told.sort()).toEqual([
    ['nightly-api', 'nightly', 'echo', COMMON, 'api,api-clients', '0 3 * * 1'],
    ['nightly-handbook', 'nightly', 'echo', OWN, 'handbook', undefined],
    ['nightly-website', 'nightly', 'echo', COMMON, 'website', undefined],
  ])
  const { stdout, exitCode } = await run(['validate', '-f', '-'], { stdin: text })
  expect({ exitCode, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
    exitCode: 0,
    last: '3 objects valid, 0 invalid',
  })
}

const helm = spawnSync('helm', ['version']).status === 0
const withHelm = describe.skipIf(!helm)

withHelm('helm (skipped where there is none on the PATH)', () => {
  test('template: an AgentJob for each entry', async () =>
    expectThree(await rendered('helm', ['template', 'nightly', 'helm'])))

  test('what an entry says itself wins', async () => {
    const jobs = [{ name: 'one', runtimeRef: 'codex', model: 'small', contexts: [{ name: 'rules' }] }]
    const text = await rendered('helm', ['template', 'x', 'helm', '--set-json', `jobs=${JSON.stringify(jobs)}`])
    expect(parse(text).spec).toEqual({
      runtimeRef: 'codex',
      model: 'small',
      contexts: [{ name: 'rules' }],
      prompt: COMMON,
      timeoutSeconds: 1800,
    })
  })

  test('a mistyped list is refused', () =>
    expect(rendered('helm', ['template', 'x', 'helm', '--set-json', 'jobs=[{"nam":"one"}]'])).rejects.toThrow(
      /jobs.0: name is required/,
    ))
})

describe("the chart's values", () => {
  const check = new Ajv({ allErrors: true, strictTypes: false }).compile(
    JSON.parse(readFileSync(join(FOLDER, 'helm/values.schema.json'), 'utf8')),
  )
  const defaults = { runtimeRef: 'echo' }
  const cases: { name: string; given: unknown; valid: boolean }[] = [
    { name: 'its own', given: parse(readFileSync(join(FOLDER, 'helm/values.yaml'), 'utf8')), valid: true },
    { name: 'no list', given: { defaults }, valid: false },
    { name: 'an empty list', given: { defaults, jobs: [] }, valid: false },
    { name: 'no name', given: { defaults, jobs: [{ prompt: 'x' }] }, valid: false },
    { name: 'a name in capitals', given: { defaults, jobs: [{ name: 'A' }] }, valid: false },
    { name: 'a text for a list', given: { defaults, jobs: [{ name: 'a', repositoryRefs: 'a' }] }, valid: false },
    { name: 'a field that is not looked at', given: { defaults, jobs: [{ name: 'a', persist: true }] }, valid: true },
  ]
  for (const { name, given, valid } of cases) test(name, () => expect(check(given)).toBe(valid))
})

test('kustomize: an AgentJob for each entry', async () => {
  const folder = await binaries((line) => console.error(`  ${line}`))
  await expectThree(await rendered(join(folder, 'kubectl'), ['kustomize', 'kustomize']))
}, 600_000)
