import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountOf } from '../../src/install/account.ts'
import { crds } from '../../src/install/manifests.ts'
import { type Part, userOf } from '../../src/install/names.ts'
import { controllerRights, type Rights, webhookRights } from '../../src/install/rights.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { type ClusterHandle, down, up } from '../cluster/cluster.ts'
import { run } from '../cluster/exec.ts'
import { existingKubeconfig } from '../cluster/existing.ts'
import { NAMESPACE } from './chart.ts'

/*
 * What each account may do, in the words of the API server: `kubectl auth can-i --list` is kept in test/chart/can-i, in the
 * operator's namespace and in any other. `UPDATE_GOLDEN=1 bun test test/chart/cani.test.ts` writes the files anew.
 */

const UPDATE = process.env.UPDATE_GOLDEN === '1'
const FOLDER = join(import.meta.dirname, 'can-i')
// somebody's own cluster adds to what everybody may
const skipped = existingKubeconfig() !== undefined
let cluster: ClusterHandle

beforeAll(async () => {
  if (skipped) return
  cluster = await up({ name: 'test-can-i', pods: false, fresh: true, progress: (line) => console.error(`  ${line}`) })
  await apply([...(crds() as unknown as KubeObject[]), namespace(NAMESPACE), namespace('agents')])
}, 300_000)
afterAll(async () => {
  if (!skipped) await down('test-can-i')
}, 60_000)

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const kubectl = (args: string[], input?: string) =>
  run(cluster.bin.kubectl, args, { env: { KUBECONFIG: cluster.kubeconfig }, input, timeout: 60_000 })
const apply = (items: KubeObject[]) =>
  kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

const cases: { name: string; part: Part; rights: Rights }[] = [
  { name: 'webhook', part: 'webhook', rights: webhookRights({ selfSigned: false }) },
  { name: 'webhook-self-signed', part: 'webhook', rights: webhookRights({ selfSigned: true }) },
  { name: 'controller', part: 'controller', rights: controllerRights({ clusterAccess: false }) },
  { name: 'controller-cluster-access', part: 'controller', rights: controllerRights({ clusterAccess: true }) },
  {
    name: 'controller-egress',
    part: 'controller',
    rights: controllerRights({ clusterAccess: false, egress: { enabled: true, hosts: 'Ports' } }),
  },
  {
    name: 'controller-egress-cilium',
    part: 'controller',
    rights: controllerRights({ clusterAccess: true, egress: { enabled: true, hosts: 'Cilium' } }),
  },
]

/** What the account of a part may do where it has these rights. */
async function canI(part: Part, rights: Rights): Promise<string> {
  await apply(accountOf(part, NAMESPACE, rights, {}))
  const said = await Promise.all(
    [NAMESPACE, 'agents'].map(async (where) => {
      const list = await kubectl(['auth', 'can-i', '--list', '--as', userOf(part, NAMESPACE), '-n', where])
      const lines = list.split('\n').map((line) => line.trimEnd().replace(/ {2,}/g, '  '))
      return `# in ${where === NAMESPACE ? 'its own namespace' : 'any other'}\n${lines.join('\n')}`
    }),
  )
  return said.join('\n')
}

/** Whether the API server has heard of other roles: it follows them by a watch. */
async function settled(part: Part, rights: Rights, is: (text: string) => boolean): Promise<string> {
  let text = await canI(part, rights)
  for (let tries = 0; tries < 20 && !is(text); tries++) text = await canI(part, rights)
  return text
}

const fileOf = (name: string) => join(FOLDER, `${name}.txt`)

describe.skipIf(skipped)('an account may do what its file says', () => {
  test.each(cases)(
    '$name',
    async ({ name, part, rights }) => {
      if (UPDATE) await writeFile(fileOf(name), await settled(part, rights, () => false))
      const want = await readFile(fileOf(name), 'utf8')
      expect(await settled(part, rights, (text) => text === want)).toBe(want)
    },
    60_000,
  )
})

describe.skipIf(skipped)('without any one of its rules it is seen', () => {
  // those that have all that the others have
  const largest = cases.filter(({ name }) => ['webhook-self-signed', 'controller-egress-cilium'].includes(name))
  const rules = largest.flatMap((one) =>
    (['cluster', 'namespace'] as const).flatMap((where) =>
      one.rights[where].map((rule) => ({ ...one, where, rule, says: JSON.stringify(rule) })),
    ),
  )
  test.each(rules)(
    '$name: $says',
    async ({ name, part, rights, where, rule }) => {
      const want = await readFile(fileOf(name), 'utf8')
      expect(await settled(part, rights, (text) => text === want)).toBe(want)
      const without = { ...rights, [where]: rights[where].filter((other) => other !== rule) }
      expect(await settled(part, without, (text) => text !== want)).not.toBe(want)
    },
    60_000,
  )
})
