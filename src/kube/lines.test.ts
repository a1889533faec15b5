import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { splitLines } from './lines.ts'

async function* cut(bytes: Uint8Array, sizes: number[]) {
  for (let i = 0, start = 0; start < bytes.length; i++) {
    const end = start + (sizes[i % sizes.length] ?? 1)
    yield bytes.subarray(start, end)
    start = end
  }
}

test('however the bytes are cut, the lines are the same', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, fc.string(), async (lines, sizes, rest) => {
      const half = rest.replaceAll('\n', '')
      const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join('') + half)
      expect(await Array.fromAsync(splitLines(cut(bytes, sizes)))).toEqual(lines)
    }),
  )
})
