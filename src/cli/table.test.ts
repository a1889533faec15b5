import { expect, test } from 'bun:test'
import { formatTable } from './table.ts'

const row = (name: string, cells: unknown[]) => ({ cells, object: { metadata: { name, namespace: 'team' } } })
const table = {
  columnDefinitions: [
    { name: 'Name', priority: 0 },
    { name: 'Last Run', priority: 0 },
    { name: 'Hash', priority: 1 },
    { name: 'Age', priority: 0 },
  ],
  rows: [row('hello', ['hello', null, 'abc', '5s']), row('a', ['a\u001b[31m', 'two\nlines', 'd', '3d'])],
}

const cases = [
  {
    name: 'the columns of priority 0',
    o: {},
    want: 'NAME     LAST RUN   AGE\nhello               5s\na [31m   two...     3d\n',
  },
  {
    name: 'wide, with namespaces',
    o: { wide: true, namespace: true },
    want: 'NAMESPACE   NAME     LAST RUN   HASH   AGE\nteam        hello               abc    5s\nteam        a [31m   two...     d      3d\n',
  },
]
test.each(cases)('$name', ({ o, want }) => {
  expect(formatTable(table, o)).toBe(want)
})
