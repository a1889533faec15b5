import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { API_VERSION } from '../../src/api/kind.ts'
import { dryRuns } from './apiserver.ts'
import { FOLDER, type Mistake, manifestOf, tables } from './mistakes.ts'
import { toldByApiServer, toldByValidate } from './told.ts'
import { startWebhook, type Webhook } from './webhook.ts'

/*
 * What people get wrong, and the whole of what they are told: by `agentjob validate`, and by the real API server with
 * the webhook behind it. UPDATE_GOLDEN=1 writes down what is said; read the difference.
 */

const UPDATE = process.env.UPDATE_GOLDEN === '1'
let webhook: Webhook
let dryRun: Awaited<ReturnType<typeof dryRuns>>
let folder = ''

beforeAll(async () => {
  webhook = await startWebhook()
  dryRun = await dryRuns(webhook.cluster)
  folder = await mkdtemp(join(tmpdir(), 'agentjob-mistakes-'))
  const runtime = { apiVersion: API_VERSION, kind: 'AgentRuntime', metadata: { name: 'echo' }, spec: { image: 'echo' } }
  const path = `/apis/${API_VERSION}/namespaces/default/agentruntimes`
  await webhook.client.transport.request({ method: 'POST', path, body: runtime })
}, 60_000)
afterAll(async () => {
  await rm(folder, { recursive: true })
  await webhook.stop()
}, 60_000)

/** What is said of a mistake, as the table has it. */
async function told(mistake: Mistake): Promise<Pick<Mistake, 'says' | 'apiServer'>> {
  const manifest = manifestOf(mistake)
  const says = await toldByValidate(manifest, folder)
  const apiServer = await toldByApiServer(manifest, dryRun)
  const same = says.map((line) => line.replace(/^\S+ /, ''))
  return JSON.stringify(same.sort()) === JSON.stringify([...apiServer].sort()) ? { says } : { says, apiServer }
}

async function update(file: string, mistakes: Mistake[]): Promise<void> {
  const path = join(FOLDER, file)
  const document = parseDocument(await readFile(path, 'utf8'))
  for (const [index, mistake] of mistakes.entries()) {
    const item = (document.contents as unknown as YAMLSeq<YAMLMap>).items[index] as YAMLMap
    const { says, apiServer } = await told(mistake)
    item.set('says', says)
    if (apiServer) item.set('apiServer', apiServer)
    else item.delete('apiServer')
  }
  await writeFile(path, document.toString({ lineWidth: 0 }))
}

for (const [file, mistakes] of tables())
  describe(file, () => {
    if (UPDATE) test('written', () => update(file, mistakes))
    else
      for (const mistake of mistakes)
        test(mistake.name, async () => {
          const { says, apiServer } = mistake
          expect(await told(mistake)).toEqual(apiServer ? { says, apiServer } : { says })
        })
  })
