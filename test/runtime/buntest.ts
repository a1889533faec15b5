import { appendFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, test as nodeTest, describe as suite } from 'node:test'
import { expect as jestExpect } from 'expect'
import * as matchers from 'jest-extended'

/*
 * What our tests use of `bun:test`, made from node:test and Jest's expect: Deno (imports.json) and Node (node.ts) find
 * it under that name, and run the very files that Bun runs. Fake timers and snapshots are not here.
 */

// Bun's expect has these built in
jestExpect.extend(Object.fromEntries(Object.entries(matchers).filter(([, value]) => typeof value === 'function')))

/** Bun's takes a message as well, which Jest's refuses. */
const expect = Object.assign((value: unknown, _message?: string) => jestExpect(value), jestExpect)

type Define = (name: string, body: () => unknown) => void

/** A byte more in this file for each test that has passed: reporters count suites among tests, each its own way. */
const passed = process.env.AGENTJOB_TESTS_PASSED

const test = withEach((name, body) => {
  void nodeTest(name, async () => {
    await body()
    if (passed) appendFileSync(passed, '.')
  })
})

const describe = Object.assign(
  withEach((name, body) => {
    void suite(name, () => {
      body()
    })
  }),
  { skip: (name: string) => void suite(name, { skip: true }) },
)

/** `test.each(rows)('name of %s', body)`; a row that is an array is spread. */
function withEach(define: Define) {
  const each = (rows: readonly unknown[]) => (name: string, body: (...row: unknown[]) => unknown) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row]
      define(name.replace('%s', String(values[0])), () => body(...values))
    }
  }
  return Object.assign(define, { each })
}

export { after as afterAll, afterEach, before as beforeAll, beforeEach, describe, expect, test }
