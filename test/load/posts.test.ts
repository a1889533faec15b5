import { expect, test } from 'bun:test'
import type { Client } from '../../src/kube/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startPosts } from './posts.ts'

const body = (): KubeObject => ({ apiVersion: 'v1', kind: 'AgentJob', metadata: { name: 'a', namespace: 'b' } })

/** Posts for a while, to an API server that answers after so many milliseconds; gives what it was asked, too. */
async function posts(answer: () => Promise<void>) {
  const asked: boolean[] = []
  const create = async (_type: unknown, object: KubeObject, o?: { dryRun?: boolean }) => {
    asked.push(o?.dryRun === true)
    await answer()
    return object
  }
  const load = startPosts({ create } as unknown as Client, { perSecond: 200, storeOf: 4, body })
  await Bun.sleep(300)
  const underWay = load.underWay()
  return { asked, underWay, ...(await load.stop()) }
}

test('one in so many is stored, and nobody waits for an answer', async () => {
  const { asked, answered, created, failed, most, underWay } = await posts(() => Bun.sleep(250))
  expect(answered).toBe(asked.length)
  expect(created.length).toBe(Math.ceil(asked.length / 4))
  expect(asked.map((dryRun) => !dryRun)).toEqual(asked.map((_, index) => index % 4 === 0))
  expect(failed).toEqual([])
  expect(most).toBeGreaterThan(10)
  expect(underWay).toBeGreaterThan(10)
})

test('what is refused has failed, and was not created', async () => {
  const { asked, answered, created, failed } = await posts(() => Promise.reject(new Error('no')))
  expect({ answered, created }).toEqual({ answered: 0, created: [] })
  expect(failed.map(({ message }) => message)).toEqual(asked.map(() => 'no'))
})
