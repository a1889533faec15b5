import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './exec.ts'
import { archive, pack } from './image.ts'

const folder = mkdtempSync(join(tmpdir(), 'agentjob-image-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('archive', () => {
  test('is one that tar reads', async () => {
    const content = { 'a.txt': 'first\n', 'b/c.txt': 'x'.repeat(512), empty: '' }
    const entries = Object.entries(content).map(([path, text]) => ({ path, mode: 0o640, content: Buffer.from(text) }))
    writeFileSync(join(folder, 'a.tar'), archive(entries))
    const listed = await run('tar', ['--numeric-owner', '--utc', '-tvf', join(folder, 'a.tar')])
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      '-rw-r----- 0/0 6 1970-01-01 00:00 a.txt',
      '-rw-r----- 0/0 512 1970-01-01 00:00 b/c.txt',
      '-rw-r----- 0/0 0 1970-01-01 00:00 empty',
    ])
    for (const [path, text] of Object.entries(content)) {
      expect(await run('tar', ['-xOf', join(folder, 'a.tar'), path])).toBe(text)
    }
  })

  test('refuses a path that its header has no room for', () => {
    expect(() => archive([{ path: 'p'.repeat(101), mode: 0o644, content: Buffer.of() }])).toThrow('at most 100 bytes')
  })
})

describe('pack', () => {
  test('gives the same bytes for the same image, and others for another', async () => {
    const from = join(folder, 'program')
    const bytes = async (text: string, file: string) => {
      writeFileSync(from, text)
      await pack(join(folder, file), { name: 'x.io/y:1', entrypoint: ['/p'], files: [{ path: 'p', from }] })
      return readFileSync(join(folder, file))
    }
    const first = await bytes('one', 'first.tar')
    expect((await bytes('one', 'second.tar')).equals(first)).toBe(true)
    expect((await bytes('two', 'third.tar')).equals(first)).toBe(false)
  })
})
