import { expect, test } from 'bun:test'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { KubeObject } from '../../src/kube/object.ts'
import { NAMESPACE, OPERATOR } from '../operator/install.ts'
import { hadJustStarted } from './operators.ts'
import { kubectl, theWorld } from './world.ts'

// The last file by its name: it looks back at all the others.

const LACKS = new RegExp(`User \\W*system:serviceaccount:${NAMESPACE}:${OPERATOR}(-webhook|-controller)?\\W* cannot `)

/** The lines of the logs of every replica that tests of this process have started. */
async function logged(): Promise<string[]> {
  const folder = dirname((await theWorld()).operator.log)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name))
  const lines: string[] = []
  for (const file of files)
    if ((await stat(file)).mtimeMs > performance.timeOrigin) lines.push(...(await readFile(file, 'utf8')).split('\n'))
  return lines
}

test("the operator's ServiceAccount had every right that it needed for all of this", async () => {
  const lines = (await logged()).filter((line) => LACKS.test(line))
  expect(lines.filter((line) => !hadJustStarted(JSON.parse(line).time))).toEqual([])
  // a refusal that has to do with one object is told there, and not in the log
  for (const kind of ['agentjobs', 'events']) {
    const { stdout } = await kubectl(['get', kind, '--all-namespaces', '-o', 'json'])
    const objects = (JSON.parse(stdout).items as KubeObject[]).filter((object) => LACKS.test(JSON.stringify(object)))
    expect(objects.filter(({ metadata }) => !hadJustStarted(metadata.creationTimestamp ?? ''))).toEqual([])
  }
})
