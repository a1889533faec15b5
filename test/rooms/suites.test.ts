import { expect, test } from 'bun:test'
import { filesBelow, ROOT } from '../docs/markdown.ts'
import { SUITES } from '../suites.ts'

test('every test is in a suite', async () => {
  const paths = SUITES.flatMap(({ command }) => command.filter((word) => word.startsWith('./')))
  const tests = (await filesBelow(ROOT)).filter((file) => file.endsWith('.test.ts')).map((file) => `./${file}`)
  expect(tests.length).toBeGreaterThan(200)
  expect(tests.filter((file) => !paths.some((path) => file === path || file.startsWith(`${path}/`)))).toEqual([])
})
