import { expect, setSystemTime, spyOn, test } from 'bun:test'
import { teller } from './wait.ts'

const steps = [
  ...[0, 1, 29, 30].map((second) => ({ second, words: 'a' })),
  ...[31, 60, 61].map((second) => ({ second, words: 'b' })),
]
test.each([
  { name: 'the same is said once', o: {}, want: ['a', 'b'] },
  { name: 'or again after a while', o: { againMs: 30_000 }, want: ['a', 'a', 'b', 'b'] },
])('$name', ({ o, want }) => {
  const write = spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const tell = teller('waiting', o)
    for (const { second, words } of steps) {
      setSystemTime(new Date(2030, 0, 1, 0, 0, second))
      tell(words)
    }
    expect(write.mock.calls.map(([text]) => text)).toEqual(want.map((words) => `waiting: ${words}\n`))
  } finally {
    setSystemTime()
    write.mockRestore()
  }
})
