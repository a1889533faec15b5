import { expect, test } from 'bun:test'
import { Values } from '../../install/values.ts'
import type { Client } from '../../kube/client.ts'
import { ApiError } from '../../kube/errors.ts'
import { guessedHosts, withHostsOf } from './hosts.ts'

/** A cluster that answers with this code, and what it was asked. */
function cluster(code: number) {
  const paths: string[] = []
  const request = async ({ path }: { path: string }) => {
    paths.push(path)
    if (code !== 200) throw new ApiError(code, { reason: code === 404 ? 'NotFound' : 'Forbidden', message: 'no' })
    return { body: {} }
  }
  return { paths, client: { transport: { request } } as unknown as Client }
}
const values = (hosts: string, more: object = { enabled: true }) => Values.parse({ egress: { hosts, ...more } })

test.each([
  { code: 200, want: 'Cilium' },
  { code: 404, want: 'Ports' },
] as const)('auto is $want where the cluster answers with $code', async ({ code, want }) => {
  const { client, paths } = cluster(code)
  expect((await withHostsOf(client, values('auto'))).egress.hosts).toBe(want)
  expect(paths).toEqual(['/apis/cilium.io/v2'])
})

test('what is chosen is not asked about', async () => {
  const { client, paths } = cluster(200)
  expect((await withHostsOf(client, values('Ports'))).egress.hosts).toBe('Ports')
  expect(paths).toEqual([])
})

test('nothing is asked where there are no policies', async () => {
  const { client, paths } = cluster(403)
  expect((await withHostsOf(client, values('auto', {}))).egress.hosts).toBe('auto')
  expect(paths).toEqual([])
  const there = cluster(200)
  expect((await withHostsOf(there.client, values('auto', { cleanUp: true }))).egress.hosts).toBe('Cilium')
})

test('that nobody was asked is said where it matters alone', () => {
  expect(guessedHosts(values('auto'))).toContain('this is for Ports')
  expect(guessedHosts(values('auto', { cleanUp: true }))).toContain('this is for Ports')
  for (const settled of [values('Ports'), values('Cilium'), values('auto', {})])
    expect(guessedHosts(settled)).toBeUndefined()
})

test('what cannot be asked is not guessed', async () => {
  await expect(withHostsOf(cluster(403).client, values('auto'))).rejects.toThrow()
})
