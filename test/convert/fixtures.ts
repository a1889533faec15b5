import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fields } from '../../src/api/isfields.ts'
import { type ConversionReport, convertGiven } from '../../src/cli/conversions.ts'
import { parseManifests } from '../../src/cli/manifests.ts'

/*
 * Every case is a file GENERATION/NAME.yaml, as somebody has it; beside it stand NAME.out.yaml, what comes out, and
 * NAME.report.json, what is said of it.
 */

/** What manifests were written for, oldest first. */
export const GENERATIONS = ['thurkube', 'g1a', 'g1b', 'g2', 'g3', 'g4', 'g5'] as const

/** A case: `g1a/quick-start`. */
export const cases = (generation: string): string[] =>
  readdirSync(join(import.meta.dirname, generation))
    .flatMap((file) => /^([^.]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort()
    .map((name) => `${generation}/${name}`)

/** The path of a file of a case. */
export const pathOf = (name: string, ending: 'yaml' | 'out.yaml' | 'report.json'): string =>
  join(import.meta.dirname, `${name}.${ending}`)

/** What comes of a case. */
export async function converted(name: string): Promise<{ objects: Fields[]; report: ConversionReport }> {
  const { manifests, errors } = parseManifests(`${name}.yaml`, await readFile(pathOf(name, 'yaml'), 'utf8'))
  if (errors.length) throw new Error(`${name}.yaml: ${errors[0]?.line}: ${errors[0]?.message}`)
  return convertGiven(manifests, 'default')
}
