import { expect, test } from 'bun:test'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OPERATOR } from '../../src/install/manifests.ts'
import { NAMESPACE } from '../operator/install.ts'
import { kubectl, theWorld } from './world.ts'

// The last file by its name: it looks back at all the others.

const LACKS = new RegExp(`User \\W*system:serviceaccount:${NAMESPACE}:${OPERATOR}\\W* cannot .{0,300}`, 'g')

/** Refusals for a lack of rights; an API server that has just started knows of no roles yet, and says so. */
const refusals = (text: string) => (text.match(LACKS) ?? []).filter((refusal) => !refusal.includes('RBAC: ['))

test("the operator's ServiceAccount had every right that it needed for all of this", async () => {
  const { operator } = await theWorld()
  const folder = dirname(operator.log)
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name))
  for (const log of logs) {
    if ((await stat(log)).mtimeMs < performance.timeOrigin) continue
    expect([log, refusals(await readFile(log, 'utf8'))]).toEqual([log, []])
  }
  // a refusal that has to do with one object is told there, and not in the log
  for (const kind of ['agentjobs', 'events'])
    expect(refusals((await kubectl(['get', kind, '--all-namespaces', '-o', 'json'])).stdout)).toEqual([])
})
