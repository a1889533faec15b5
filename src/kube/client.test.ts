import { expect, test } from 'bun:test'
import { scripted } from '../../test/kube/scripted.ts'
import { createClient } from './client.ts'
import { createTransport, isGone } from './transport.ts'

const CONFIG_MAPS = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const page = (name: string, token?: string) => ({
  metadata: { resourceVersion: '9', continue: token },
  items: [{ metadata: { name } }],
})
const expired = { kind: 'Status', message: 'The provided continue parameter is too old', reason: 'Expired', code: 410 }

async function listing(answers: [number, object][]) {
  const server = await scripted((_, answer) => answer.json(...answers.shift()!))
  const client = createClient(createTransport(server.connection))
  try {
    const { items } = await client.list(CONFIG_MAPS)
    return { names: items.map((o) => o.metadata.name), queries: server.requests.map((r) => String(r.query)) }
  } finally {
    client.transport.close()
    server.close()
  }
}

test('pages that expire on the way are asked for anew, in one piece', async () => {
  const { names, queries } = await listing([
    [200, page('a', 'next')],
    [410, expired],
    [200, page('b')],
  ])
  expect(names).toEqual(['b'])
  expect(queries).toEqual(['limit=500', 'limit=500&continue=next', 'limit=0'])
})

test('a list that expires at once is not asked for again', async () => {
  const error = await listing([[410, expired]]).catch((error) => error)
  expect(isGone(error)).toBe(true)
})

test('pages that expire on the way go on where they were, where what is there now will do', async () => {
  const answers: [number, object][] = [
    [200, page('a', 'next')],
    [410, { ...expired, metadata: { continue: 'on' } }],
    [200, page('b', 'more')],
    [410, expired],
  ]
  const server = await scripted((_, answer) => answer.json(...answers.shift()!))
  const client = createClient(createTransport(server.connection))
  const names: (string | undefined)[] = []
  try {
    for await (const { items } of client.pages(CONFIG_MAPS, { goOn: true }))
      names.push(...items.map(({ metadata }) => metadata.name))
    throw new Error('the second one has nowhere to go on')
  } catch (error) {
    expect(isGone(error)).toBe(true)
  } finally {
    client.transport.close()
    server.close()
  }
  expect(names).toEqual(['a', 'b'])
  expect(server.requests.map((r) => String(r.query))).toEqual([
    'limit=500',
    'limit=500&continue=next',
    'limit=500&continue=on',
    'limit=500&continue=more',
  ])
})
