// Writes what is made from the schemas in src/api, crds/*.yaml, schemas/ and docs/reference.md, docs/metrics.md out of
// the registry of metrics, the tables of the guides, which src/convert says, and what the chart takes from src/install.
// With --check it writes nothing, names what is stale, and ends with 1 if anything is.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { crd } from '../src/api/crd.ts'
import { anyKindSchema, type JsonSchema, jsonSchema, schemaPath } from '../src/api/jsonschema.ts'
import { GROUP } from '../src/api/kind.ts'
import { kinds } from '../src/api/kinds.ts'
import { reference } from '../src/api/reference.ts'
import { crdYaml } from '../src/cli/crds.ts'
import { guides, withTables } from '../src/convert/guide.ts'
import { chartFiles, generatedFolders } from '../src/install/chartfiles.ts'
import { createMetrics } from '../src/serve/metrics.ts'
import { metricsReference } from '../src/serve/metricsreference.ts'

const COMMAND = 'bun test/generate.ts'
const ORIGIN = `Written by "${COMMAND}" from src/api.`
const root = join(import.meta.dirname, '..')

/** Every generated file: its path in the repository and what it should hold. */
async function wanted(): Promise<Map<string, string>> {
  const files = new Map([
    ['docs/reference.md', `<!-- ${ORIGIN} -->\n\n${reference(kinds)}`],
    [
      'docs/metrics.md',
      `<!-- Written by "${COMMAND}" from src/serve. -->\n\n${metricsReference(createMetrics().registry)}`,
    ],
  ])
  for (const kind of kinds) {
    files.set(`crds/${GROUP}_${kind.plural}.yaml`, `# ${ORIGIN}\n${crdYaml(crd(kind))}`)
    files.set(`schemas/${schemaPath(kind)}`, schemaText(jsonSchema(kind)))
  }
  files.set('schemas/all.json', schemaText(anyKindSchema(kinds)))
  const readme = (await content('charts/agentjob/README.md')) ?? ''
  const origin = `Written by "${COMMAND}" from src/install.`
  for (const [path, text] of chartFiles({ origin, readme })) files.set(path, text)
  for (const path of guides) files.set(path, withTables(path, (await content(path)) ?? ''))
  return files
}

const schemaText = (schema: JsonSchema) => `${JSON.stringify({ $comment: ORIGIN, ...schema }, null, 2)}\n`

/** Paths whose content is not what it should be; also files that no kind stands behind any more. */
async function stale(files: Map<string, string>): Promise<string[]> {
  const there = await Promise.all(['crds', 'schemas', `schemas/${GROUP}`, ...generatedFolders].map(filesIn))
  const paths = new Set([...files.keys(), ...there.flat()])
  const differs = async (path: string) => (await content(path)) !== files.get(path)
  const found = await Promise.all([...paths].map(async (path) => ((await differs(path)) ? [path] : [])))
  return found.flat()
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`)
}

const content = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined)

async function write(path: string, text: string | undefined): Promise<void> {
  const file = join(root, path)
  if (text === undefined) return rm(file)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const { check } = new Command('npm run generate --')
  .description('writes what is made from schemas, metrics, rights and values')
  .option('--check', 'write nothing, name what is stale, and end with 1 if anything is')
  .allowExcessArguments(false)
  .parse()
  .opts<{ check?: boolean }>()
const files = await wanted()
for (const path of await stale(files)) {
  if (!check) await write(path, files.get(path))
  const done = files.has(path) ? 'wrote' : 'removed'
  console.log(check ? `${path} is stale; run "npm run generate"` : `${done} ${path}`)
  if (check) process.exitCode = 1
}
