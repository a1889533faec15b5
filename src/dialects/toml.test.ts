import { expect, test } from 'bun:test'
import { type Toml, toml } from './toml.ts'

const cases: { name: string; table: Toml; want: string }[] = [
  { name: 'nothing', table: {}, want: '' },
  {
    name: 'values of every type',
    table: { a: 'x"y', b: true, c: 5, d: ['p', 'q\n'], e: [], f: undefined },
    want: 'a = "x\\"y"\nb = true\nc = 5\nd = ["p", "q\\n"]\ne = []\n',
  },
  {
    name: 'what belongs to a table before the tables below it',
    table: { a: { deep: { x: '1' }, y: '2' }, b: '3' },
    want: 'b = "3"\n[a]\ny = "2"\n[a.deep]\nx = "1"\n',
  },
  { name: 'keys in quotes', table: { 'a.b': { 'x y': '1' }, '': '2' }, want: '"" = "2"\n["a.b"]\n"x y" = "1"\n' },
  {
    name: 'lists of tables',
    table: { rule: [{ a: '1' }, { b: ['2'] }] },
    want: '[[rule]]\na = "1"\n[[rule]]\nb = ["2"]\n',
  },
]

for (const { name, table, want } of cases) test(`toml: ${name}`, () => expect(toml(table)).toBe(want))
