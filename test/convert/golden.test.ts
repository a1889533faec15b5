import { describe, expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { formatFinding } from '../../src/api/finding.ts'
import type { Fields } from '../../src/api/isfields.ts'
import { API_VERSION } from '../../src/api/kind.ts'
import { kindOf } from '../../src/api/kinds.ts'
import { unknownFields } from '../../src/api/unknownfields.ts'
import { validate } from '../../src/api/validate.ts'
import { expandObjects } from '../../src/cli/expansions.ts'
import { checkObjectMeta } from '../../src/cli/objectmeta.ts'
import { checkObjects } from '../../src/cli/objects.ts'
import { toYaml } from '../../src/cli/print.ts'
import { Settings } from '../../src/expand/settings.ts'
import { cases, converted, GENERATIONS, pathOf } from './fixtures.ts'

/* `UPDATE_GOLDEN=1 bun test test/convert` writes what is expected anew, for people to review. */

const UPDATE = process.env.UPDATE_GOLDEN === '1'

async function expectGolden(path: string, text: string): Promise<void> {
  if (UPDATE) await writeFile(path, text)
  const golden = await readFile(path, 'utf8').catch(() => '')
  expect(text, `${path} is stale: UPDATE_GOLDEN=1 bun test test/convert, then read the difference`).toBe(golden)
}

function errorsOf(object: Fields): string[] {
  if (object.apiVersion !== API_VERSION) return []
  const definition = kindOf(String(object.kind))
  if (!definition) return [`there is no kind ${object.kind}`]
  const findings = [...validate(definition, object).errors, ...unknownFields(definition, object)]
  return [...findings, ...checkObjectMeta(object.metadata)].map(formatFinding)
}

for (const generation of GENERATIONS)
  describe(generation, () => {
    for (const name of cases(generation)) {
      test(`${name}: what comes out`, async () => {
        const { objects } = await converted(name)
        await expectGolden(pathOf(name, 'out.yaml'), objects.map((object) => `---\n${toYaml(object)}`).join(''))
      })

      test(`${name}: what is said of it`, async () => {
        const { report } = await converted(name)
        await expectGolden(pathOf(name, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
      })

      test(`${name}: what comes out is valid`, async () => {
        const { objects } = await converted(name)
        expect(objects.flatMap(errorsOf)).toEqual([])
      })

      test(`${name}: what comes out can be expanded`, async () => {
        const { objects } = await converted(name)
        const at = { file: name }
        const manifests = objects.map((object) => ({ object, flawed: false, positionOf: () => at }))
        const expansions = expandObjects(checkObjects(manifests, 'default'), Settings.parse({}))
        expect(expansions.flatMap(({ errors }) => errors)).toEqual([])
      })
    }
  })

test('there are manifests of every generation', () => {
  const few = GENERATIONS.filter((generation) => generation !== 'g5' && cases(generation).length < 6)
  expect(few).toEqual([])
})
