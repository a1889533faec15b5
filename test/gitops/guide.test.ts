import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { parsePage, ROOT } from '../docs/markdown.ts'
import { HEALTH_CHECK_EXPRS } from './examples.ts'

const { blocks } = parsePage('docs/guides/gitops.md', readFileSync(join(ROOT, 'docs/guides/gitops.md'), 'utf8'))

test('the guide shows the expressions of the example', () => {
  const shown = blocks.filter(({ language }) => language === 'yaml').map(({ text }) => parse(text))
  expect(shown).toEqual([{ healthCheckExprs: HEALTH_CHECK_EXPRS }])
})
