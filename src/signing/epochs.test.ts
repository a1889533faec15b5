import { describe, expect, test } from 'bun:test'
import { isSame, newestOf, onlyFirst, readEpochs, withFirst } from './epochs.ts'

const key = (fill: number, length = 32) => new Uint8Array(length).fill(fill)
const base64 = (content: string | Uint8Array) => Buffer.from(content).toString('base64')
const [ONE, TWO, THREE] = [key(1), key(2), key(3)]
/** Keys by their epochs; the second one signs. */
const epochs = (keys: Record<number, Uint8Array>) => ({
  keys: new Map(Object.entries(keys).map(([epoch, key]) => [Number(epoch), key])),
  signs: 2,
})
const both = { 'epoch-2': base64(TWO), 'epoch-3': base64(THREE) }

describe('the epochs that a Secret holds', () => {
  const cases = [
    {
      name: 'a key that is not used yet',
      data: { signs: base64('1'), 'epoch-2': base64(TWO) },
      want: { keys: [[2, TWO]], signs: 1, oldest: 1 },
    },
    {
      name: 'one that signs, written by an editor that ends lines',
      data: { ...both, signs: base64('3\n'), oldest: base64('1\n') },
      want: {
        keys: [
          [2, TWO],
          [3, THREE],
        ],
        signs: 3,
        oldest: 1,
      },
    },
    {
      name: 'one that is retired, and whose key is still there',
      data: { ...both, signs: base64('3'), oldest: base64('3') },
      want: { keys: [[3, THREE]], signs: 3, oldest: 3 },
    },
  ]
  for (const { name, data, want } of cases)
    test(name, () => {
      const { keys, signs, oldest } = readEpochs(data)
      expect({ keys: [...keys], signs, oldest }).toEqual(want as never)
    })
})

describe('a Secret is refused', () => {
  const signs = base64('2')
  const good = { signs, 'epoch-2': base64(TWO) }
  const cases: { name: string; data?: Record<string, string>; want: string }[] = [
    {
      name: 'without data',
      want: 'data.signs must be the number of an epoch: 1, or the N of an epoch-N that is there',
    },
    { name: 'that signs with a key that is not there', data: { signs }, want: 'data.signs must be' },
    { name: 'that signs with a word', data: { ...good, signs: base64('two') }, want: 'data.signs must be' },
    { name: 'that retires what signs', data: { ...good, oldest: base64('3') }, want: 'not above data.signs' },
    { name: 'that retires a word', data: { ...good, oldest: base64('x') }, want: 'data.oldest must be' },
    { name: 'with a short key', data: { signs, 'epoch-2': base64(key(2, 31)) }, want: 'it holds 31' },
    {
      name: 'with a key twice',
      data: { ...good, 'epoch-3': base64(TWO) },
      want: 'data.epoch-3 must be a key of its own',
    },
    { name: 'with the first key', data: { ...good, 'epoch-1': base64(ONE) }, want: 'data.epoch-1 is not known' },
    { name: 'with an epoch that is no number', data: { ...good, 'epoch-02': base64(ONE) }, want: 'data.epoch-02' },
    { name: 'with anything else', data: { ...good, key: base64(ONE) }, want: 'data.key is not known' },
  ]
  for (const { name, data, want } of cases) test(name, () => expect(() => readEpochs(data)).toThrow(want))

  test('with everything that is wrong with it, and no key in the words', () => {
    const bad = { signs: base64('9'), oldest: base64('x'), key: base64('secret'), 'epoch-2': base64('secret') }
    const told = () => readEpochs(bad)
    for (const word of ['data.signs', 'data.oldest', 'data.key', 'data.epoch-2']) expect(told).toThrow(word)
    expect(told).not.toThrow(/secret|c2Vjcm/)
  })
})

test('the first key holds until it is retired', () => {
  const stored = { keys: new Map([[2, TWO]]), signs: 2, oldest: 1 }
  expect([...withFirst(stored, ONE).keys.keys()]).toEqual([1, 2])
  expect([...withFirst({ ...stored, oldest: 2 }, ONE).keys.keys()]).toEqual([2])
  expect(() => withFirst(stored, TWO)).toThrow('the same')
})

test('the newest epoch is known before it signs', () => {
  expect(newestOf(onlyFirst(ONE))).toBe(1)
  expect(newestOf(epochs({ 2: TWO, 3: THREE }))).toBe(3)
})

test('another key, another epoch and another signer make a difference', () => {
  const some = epochs({ 2: TWO, 3: THREE })
  expect(isSame(some, epochs({ 2: TWO, 3: THREE }))).toBe(true)
  const others = [{ ...some, signs: 3 }, epochs({ 2: TWO }), epochs({ 2: TWO, 3: ONE }), epochs({ 2: TWO, 4: THREE })]
  for (const other of others) expect(isSame(some, other)).toBe(false)
})
