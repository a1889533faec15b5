import { expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { colourFor } from '../colour.ts'
import { explain } from './explanation.ts'
import { render } from './render.ts'
import { cases } from './testdata/cases.ts'
import { factsOf, NOW } from './testdata/objects.ts'

/*
 * What is shown of each case stands in testdata/NAME.txt, for people to review.
 * `UPDATE_GOLDEN=1 bun test src/cli/explain` writes them anew.
 */

const UPDATE = process.env.UPDATE_GOLDEN === '1'
/** Lines of a terminal, less its prompt. */
const SCREEN = 40
const inBlack = colourFor({ isTTY: false })

for (const { name, given, cause, remedy } of cases)
  test(`explain: ${name}`, async () => {
    const explanation = explain(factsOf(given))
    expect([explanation.cause, explanation.remedy]).toEqual([cause, remedy])
    const lines = render(explanation, NOW, inBlack)
    expect(lines.length).toBeLessThan(SCREEN)
    const path = join(import.meta.dirname, 'testdata', `${name}.txt`)
    const text = `${lines.join('\n')}\n`
    if (UPDATE) await writeFile(path, text)
    expect(text).toBe(await readFile(path, 'utf8').catch(() => ''))
  })

test('colours where there is a terminal, and control characters of others nowhere', () => {
  const [first] = cases.filter(({ name }) => name === 'oom').map(({ given }) => explain(factsOf(given)))
  const lines = render(first!, NOW, colourFor({ isTTY: true }, {}))
  expect(lines[0]).toContain('\u001b[31mFailed\u001b[0m')
  expect(lines.at(-6)).toBe('   [31mKilled')
})
