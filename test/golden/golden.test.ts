import { expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { cases, documentsOf, outcomeOf } from './case.ts'

/*
 * Every case is a folder: in.yaml is what is applied, out.yaml what it comes to, for people to review.
 * `UPDATE_GOLDEN=1 bun test test/golden` writes each out.yaml anew.
 */

const UPDATE = process.env.UPDATE_GOLDEN === '1'

for (const name of await cases())
  test(`golden: ${name}`, async () => {
    const path = join(import.meta.dirname, name, 'out.yaml')
    const text = stringify(outcomeOf(await documentsOf(name)), { lineWidth: 0, aliasDuplicateObjects: false })
    if (UPDATE) await writeFile(path, text)
    const golden = await readFile(path, 'utf8').catch(() => '')
    expect(text, `${name}/out.yaml is stale: UPDATE_GOLDEN=1 bun test test/golden, then read the difference`).toBe(
      golden,
    )
  })
