import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import lock from '../../package-lock.json' with { type: 'json' }
import { pages, ROOT } from './markdown.ts'

/*
 * Which runtimes AgentJob takes, bin/agentjob says; which Node npm needs for a checkout, package.json; which Go builds
 * the cluster, its go.mod. Whoever else names a version names one of these.
 */

const textOf = (path: string) => readFile(join(ROOT, path), 'utf8')
const [bin, goMod] = await Promise.all(['bin/agentjob', 'test/cluster/go.mod'].map(textOf))
const least = Object.fromEntries(
  [...(bin ?? '').matchAll(/^least_(\w+)=([\d.]+)$/gm)].map(([, name, version]) => [name as string, version as string]),
)
const [major = ''] = least.node?.split('.') ?? []

const KNOWN: Record<string, (string | undefined)[]> = {
  Bun: [least.bun],
  Deno: [least.deno],
  Node: [least.node, manifest.engines.node.replace('>=', '')],
  Go: [/^go (\d+\.\d+)/m.exec(goMod ?? '')?.[1]],
}

/** What the changelog says of a release was so then. */
const unreleased = (text: string) => text.split(/^## \[?\d/m)[0] as string

/** What was measured names the version that it was measured on. */
const isMeasured = (path: string) => /^docs\/(adr\/|performance)/.test(path)

describe('versions of runtimes that the pages name', async () => {
  const named = (await pages())
    .filter(({ path }) => !isMeasured(path))
    .flatMap(({ path, text }) =>
      [...unreleased(text).matchAll(/\b(Bun|Deno|Node|Go) (?:≥ )?(\d+(?:\.\d+)*)/g)].map(
        ([said, name = '', version]) => ({
          said: `${path}: ${said}`,
          isKnown: KNOWN[name]?.includes(version),
        }),
      ),
    )
  test('there are some', () => expect(named.length).toBeGreaterThan(3))
  test.each(named)('$said', ({ isKnown }) => expect(isKnown).toBe(true))
})

test('package.json asks for the same Bun, and brings one', () => {
  expect(manifest.engines.bun).toBe(`>=${least.bun}`)
  expect(manifest.devDependencies.bun).toStartWith(`${least.bun}.`)
})

test('every library that AgentJob ships with runs on the oldest Node that it takes', () => {
  type Library = { dev?: boolean; engines?: { node?: string } }
  const libraries = Object.entries(lock.packages as Record<string, Library>).filter(([path, { dev }]) => path && !dev)
  const wanting = libraries.filter(([, { engines }]) => engines?.node)
  expect(wanting.length).toBeGreaterThan(10)
  const tooOld = wanting.filter(([, { engines }]) => !Bun.semver.satisfies(`${least.node}.0`, engines?.node ?? ''))
  expect(tooOld.map(([path, { engines }]) => `${path}: ${engines?.node}`)).toEqual([])
})

test.each([
  ['Dockerfile', `FROM node:${major}-`],
  ['.github/workflows/ci.yaml', `node-version: ${major}\n`],
])('%s takes a Node that AgentJob runs on', async (path, says) => {
  expect(await textOf(path)).toContain(says)
})
