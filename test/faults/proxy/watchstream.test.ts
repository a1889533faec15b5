import { expect, test } from 'bun:test'
import type { Connection } from './connection.ts'
import { createWatchStream } from './watchstream.ts'

const event = (type: string, name: string, uid: string) =>
  JSON.stringify({ type, object: { metadata: { namespace: 'agents', name, uid } } })

test.each([
  { what: 'events of two objects', events: [event('ADDED', 'a', '1'), event('ADDED', 'b', '2')], swapped: true },
  { what: 'two events of one', events: [event('ADDED', 'a', '1'), event('MODIFIED', 'a', '1')], swapped: false },
  {
    what: 'the end of an object and its successor of the same name',
    events: [event('DELETED', 'a', '1'), event('ADDED', 'a', '2')],
    swapped: false,
  },
])('$what change places: $swapped', ({ events, swapped }) => {
  const told: string[] = []
  const connection = { chunk: (bytes: string) => told.push(...bytes.trim().split('\n')), end() {} }
  const stream = createWatchStream(connection as unknown as Connection, () => {})
  stream.inject({ kind: 'swap', events: 1 })
  for (const line of events) stream.push(line)
  stream.finish('end')
  expect(told).toEqual([...(swapped ? events.toReversed() : events)])
})
